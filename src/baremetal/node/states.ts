// Ironic's provision states and verbs as data: the code, the reference and the diagram are made from these tables.

/** What a state is: who moves a node on from it. */
export type StateKind =
  /** Rests until somebody asks for something. */
  | 'stable'
  /** An operation is at work. */
  | 'working'
  /** The machine or a person must answer; past the deadline the state fails by itself. */
  | 'waiting'
  /** Something went wrong; rests until somebody decides. */
  | 'failed';

const states = {
  enroll: { kind: 'stable', meaning: 'Known by name only; its credentials are not proven.' },
  verifying: { kind: 'working', meaning: 'The credentials are being tried.' },
  manageable: { kind: 'stable', meaning: 'Under control; not offered for use.' },
  available: { kind: 'stable', meaning: 'Clean and offered for use.' },
  active: { kind: 'stable', meaning: 'Runs an instance.' },
  'wait call-back': { kind: 'waiting', meaning: 'The deploy ramdisk is starting or at work.' },
  deploying: { kind: 'working', meaning: 'An image is being put on the machine.' },
  'deploy failed': { kind: 'failed', meaning: 'The deployment did not succeed.' },
  'deploy hold': { kind: 'waiting', meaning: 'A deploy step holds until somebody lets it go on.' },
  deleting: { kind: 'working', meaning: 'The instance is being taken off.' },
  error: { kind: 'failed', meaning: 'Taking the instance off did not succeed.' },
  rebuild: { kind: 'working', meaning: 'An image is being put on a machine in use.' },
  cleaning: { kind: 'working', meaning: 'Traces of the last use are being removed.' },
  'clean wait': { kind: 'waiting', meaning: 'The ramdisk is starting or runs a clean step.' },
  'clean failed': { kind: 'failed', meaning: 'Cleaning did not succeed; the machine stays in quarantine.' },
  'clean hold': { kind: 'waiting', meaning: 'A clean step holds until somebody lets it go on.' },
  inspecting: { kind: 'working', meaning: 'The hardware is being looked at.' },
  'inspect wait': { kind: 'waiting', meaning: 'The inspection ramdisk is starting or at work.' },
  'inspect failed': { kind: 'failed', meaning: 'Inspection did not succeed.' },
  adopting: { kind: 'working', meaning: 'A machine already in use is being taken over.' },
  'adopt failed': { kind: 'failed', meaning: 'Taking over did not succeed.' },
  rescue: { kind: 'stable', meaning: 'Runs the rescue ramdisk.' },
  rescuing: { kind: 'working', meaning: 'The rescue ramdisk is being started.' },
  'rescue wait': { kind: 'waiting', meaning: 'The rescue ramdisk is starting.' },
  'rescue failed': { kind: 'failed', meaning: 'The rescue ramdisk did not come up.' },
  unrescuing: { kind: 'working', meaning: 'The instance is being started again.' },
  'unrescue failed': { kind: 'failed', meaning: 'The instance did not start again.' },
  servicing: { kind: 'working', meaning: 'Steps are being run on a machine in use.' },
  'service wait': { kind: 'waiting', meaning: 'The service ramdisk is starting or runs a step.' },
  'service failed': { kind: 'failed', meaning: 'A service step did not succeed.' },
  'service hold': { kind: 'waiting', meaning: 'A service step holds until somebody lets it go on.' },
} as const satisfies Record<string, { kind: StateKind; meaning: string }>;

export type ProvisionState = keyof typeof states;

/** What a person may ask for: the `target` of PUT /v1/nodes/{node}/states/provision, without the aliases. */
export type Verb =
  | 'active'
  | 'rebuild'
  | 'deleted'
  | 'manage'
  | 'provide'
  | 'inspect'
  | 'abort'
  | 'clean'
  | 'adopt'
  | 'rescue'
  | 'unrescue'
  | 'service'
  | 'unhold';

/** What the program reports about its own work. */
export type Outcome = 'done' | 'cleaned' | 'fail' | 'wait' | 'resume' | 'hold' | 'clean';

interface Transition {
  readonly from: readonly ProvisionState[];
  readonly on: Verb | Outcome;
  readonly to: ProvisionState;
  /** `target_provision_state` from here on; absent: it stays, null: cleared. */
  readonly target?: ProvisionState | null;
}

/** Every move a node can make. Order has no meaning: no two lines share a state and an event. */
export const transitions: readonly Transition[] = [
  { from: ['enroll'], on: 'manage', to: 'verifying', target: 'manageable' },
  { from: ['verifying'], on: 'done', to: 'manageable', target: null },
  { from: ['verifying'], on: 'fail', to: 'enroll', target: null },

  {
    from: ['available', 'clean failed', 'inspect failed', 'adopt failed'],
    on: 'manage',
    to: 'manageable',
    target: null,
  },

  { from: ['manageable', 'inspect failed'], on: 'inspect', to: 'inspecting', target: 'manageable' },
  { from: ['inspecting'], on: 'wait', to: 'inspect wait' },
  { from: ['inspect wait'], on: 'resume', to: 'inspecting' },
  { from: ['inspecting', 'inspect wait'], on: 'done', to: 'manageable', target: null },
  { from: ['inspecting', 'inspect wait'], on: 'fail', to: 'inspect failed' },
  { from: ['inspect wait'], on: 'abort', to: 'inspect failed' },

  { from: ['manageable'], on: 'provide', to: 'cleaning', target: 'available' },
  { from: ['manageable'], on: 'clean', to: 'cleaning', target: 'manageable' },
  { from: ['cleaning'], on: 'wait', to: 'clean wait' },
  { from: ['clean wait'], on: 'resume', to: 'cleaning' },
  { from: ['cleaning', 'clean wait'], on: 'hold', to: 'clean hold' },
  { from: ['clean hold'], on: 'unhold', to: 'cleaning' },
  { from: ['cleaning', 'clean wait'], on: 'done', to: 'available', target: null },
  // After a person's own clean steps the node returns to where the person took it from.
  { from: ['cleaning', 'clean wait'], on: 'cleaned', to: 'manageable', target: null },
  { from: ['cleaning', 'clean wait', 'clean hold'], on: 'fail', to: 'clean failed' },
  { from: ['clean wait', 'clean hold'], on: 'abort', to: 'clean failed' },

  { from: ['available', 'deploy failed'], on: 'active', to: 'deploying', target: 'active' },
  { from: ['active', 'error', 'deploy failed'], on: 'rebuild', to: 'deploying', target: 'active' },
  { from: ['deploying', 'rebuild'], on: 'wait', to: 'wait call-back' },
  { from: ['wait call-back'], on: 'resume', to: 'deploying' },
  { from: ['deploying', 'wait call-back'], on: 'hold', to: 'deploy hold' },
  { from: ['deploy hold'], on: 'unhold', to: 'deploying' },
  { from: ['deploying', 'wait call-back', 'rebuild'], on: 'done', to: 'active', target: null },
  { from: ['deploying', 'wait call-back', 'deploy hold', 'rebuild'], on: 'fail', to: 'deploy failed' },
  { from: ['deploy hold'], on: 'abort', to: 'deploy failed' },

  {
    from: [
      'active',
      'wait call-back',
      'deploy hold',
      'deploy failed',
      'error',
      'rescue',
      'rescue wait',
      'rescue failed',
      'unrescue failed',
      'service failed',
    ],
    on: 'deleted',
    to: 'deleting',
    target: 'available',
  },
  { from: ['deleting'], on: 'clean', to: 'cleaning' },
  { from: ['deleting'], on: 'done', to: 'available', target: null },
  // One that is to be retired is not offered again.
  { from: ['deleting'], on: 'cleaned', to: 'manageable', target: null },
  { from: ['deleting'], on: 'fail', to: 'error' },

  { from: ['manageable', 'adopt failed'], on: 'adopt', to: 'adopting', target: 'active' },
  { from: ['adopting'], on: 'done', to: 'active', target: null },
  { from: ['adopting'], on: 'fail', to: 'adopt failed' },

  {
    from: ['active', 'rescue', 'rescue failed', 'unrescue failed', 'service failed'],
    on: 'rescue',
    to: 'rescuing',
    target: 'rescue',
  },
  { from: ['rescuing'], on: 'wait', to: 'rescue wait' },
  { from: ['rescue wait'], on: 'resume', to: 'rescuing' },
  { from: ['rescuing', 'rescue wait'], on: 'done', to: 'rescue', target: null },
  { from: ['rescuing', 'rescue wait'], on: 'fail', to: 'rescue failed' },
  { from: ['rescue wait'], on: 'abort', to: 'rescue failed' },
  { from: ['rescue', 'rescue failed', 'unrescue failed'], on: 'unrescue', to: 'unrescuing', target: 'active' },
  { from: ['unrescuing'], on: 'done', to: 'active', target: null },
  { from: ['unrescuing'], on: 'fail', to: 'unrescue failed' },

  { from: ['active', 'service failed'], on: 'service', to: 'servicing', target: 'active' },
  { from: ['servicing'], on: 'wait', to: 'service wait' },
  { from: ['service wait'], on: 'resume', to: 'servicing' },
  { from: ['servicing', 'service wait'], on: 'hold', to: 'service hold' },
  { from: ['service hold'], on: 'unhold', to: 'servicing' },
  { from: ['servicing', 'service wait'], on: 'done', to: 'active', target: null },
  { from: ['servicing', 'service wait', 'service hold'], on: 'fail', to: 'service failed' },
  { from: ['service wait', 'service hold'], on: 'abort', to: 'service failed' },
  { from: ['service failed'], on: 'abort', to: 'active', target: null },

  // An operation that was parked or had failed is taken up again.
  { from: ['enroll'], on: 'resume', to: 'verifying', target: 'manageable' },
  { from: ['inspect failed'], on: 'resume', to: 'inspecting', target: 'manageable' },
  { from: ['clean failed'], on: 'resume', to: 'cleaning' },
  { from: ['deploy failed'], on: 'resume', to: 'deploying', target: 'active' },
  { from: ['error'], on: 'resume', to: 'deleting', target: 'available' },
  { from: ['adopt failed'], on: 'resume', to: 'adopting', target: 'active' },
  { from: ['rescue failed'], on: 'resume', to: 'rescuing', target: 'rescue' },
  { from: ['unrescue failed'], on: 'resume', to: 'unrescuing', target: 'active' },
  { from: ['service failed'], on: 'resume', to: 'servicing', target: 'active' },
];

export interface Move {
  readonly to: ProvisionState;
  readonly target: ProvisionState | null | undefined;
}

const moves: ReadonlyMap<string, Move> = new Map(
  transitions.flatMap(({ from, on, to, target }) => from.map((state) => [`${state}|${on}`, { to, target }] as const)),
);

/** Where the event leads from `state`; undefined when it is illegal there. */
export function moveOn(state: ProvisionState, event: Verb | Outcome): Move | undefined {
  return moves.get(`${state}|${event}`);
}

const outcomes: ReadonlySet<string> = new Set<Outcome>(['done', 'cleaned', 'fail', 'wait', 'resume', 'hold']);

/** The verbs that are legal in `state`, for a person to choose from. */
export function legalVerbs(state: ProvisionState): string[] {
  const events = transitions.filter(({ from, on }) => from.includes(state) && !outcomes.has(on)).map(({ on }) => on);
  return [...new Set(events)].filter((event) => !(event === 'clean' && state === 'deleting')).sort();
}

/** Verbs as clients may spell them, the newer spellings included. */
export const verbs: Readonly<Record<string, { readonly verb: Verb; readonly since?: string }>> = {
  active: { verb: 'active' },
  deploy: { verb: 'active', since: '1.73' },
  deleted: { verb: 'deleted' },
  undeploy: { verb: 'deleted', since: '1.73' },
  rebuild: { verb: 'rebuild' },
  manage: { verb: 'manage', since: '1.4' },
  provide: { verb: 'provide', since: '1.4' },
  inspect: { verb: 'inspect', since: '1.6' },
  abort: { verb: 'abort', since: '1.13' },
  clean: { verb: 'clean', since: '1.15' },
  adopt: { verb: 'adopt', since: '1.17' },
  rescue: { verb: 'rescue', since: '1.38' },
  unrescue: { verb: 'unrescue', since: '1.38' },
  unhold: { verb: 'unhold', since: '1.85' },
  service: { verb: 'service', since: '1.87' },
};

export const provisionStates = Object.entries(states).map(([name, { kind, meaning }]) => ({ name, kind, meaning }));

export function isProvisionState(text: string): text is ProvisionState {
  return text in states;
}

export function meaningOf(state: ProvisionState): string {
  return states[state].meaning;
}

export function kindOf(state: ProvisionState): StateKind {
  return states[state].kind;
}
