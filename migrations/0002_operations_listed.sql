-- Lists show the newest operations first, and `status` all that are parked: neither reads those that are long over.
create index operations_newest on operations (sequence);
create index operations_parked on operations (sequence) where state = 'parked';
