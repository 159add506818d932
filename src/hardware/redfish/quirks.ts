// Where vendors' Redfish services differ from the standard, as data.
import { type Resource, textOf } from './resource.ts';

export interface Quirks {
  /** BootSourceOverrideTarget that boots the virtual CD, where the service allows it. */
  readonly cdTarget: 'Cd' | 'UsbCd';
  /** How an image gets into the virtual drive: by the action with all its parameters, with the image alone, or by PATCH. */
  readonly insert: 'action' | 'image only' | 'patch';
  /** Beginning of the Id of the drives that take images from a URL. */
  readonly drive: string;
  /** Members of the UpdateService that lead to its state, where an update is answered without a task. */
  readonly updateState: readonly string[] | undefined;
  /** How the queue of jobs is emptied, where the service keeps one of its own beside the tasks. */
  readonly jobQueue: JobQueue | undefined;
}

export interface JobQueue {
  readonly clear: OemAction;
  /** Answers with this value in this member when the service takes new jobs. */
  readonly ready: OemAction & { readonly member: string; readonly value: string };
}

/** An action of a service, and the members of the manager that lead to that service. */
export interface OemAction {
  readonly service: readonly string[];
  readonly name: string;
  readonly body: Resource;
}

const standard: Quirks = {
  cdTarget: 'Cd',
  insert: 'action',
  drive: '',
  updateState: undefined,
  jobQueue: undefined,
};

const dellService = (name: string) => ['Links', 'Oem', 'Dell', name];

/** By a word of `Manufacturer`. */
const vendors: readonly (readonly [RegExp, Partial<Quirks>])[] = [
  // iDRAC takes no new job while an old one waits that never ends. Cleared with force it starts its services anew.
  [
    /\bDell\b/i,
    {
      jobQueue: {
        clear: {
          service: dellService('DellJobService'),
          name: 'DellJobService.DeleteJobQueue',
          body: { JobID: 'JID_CLEARALL_FORCE' },
        },
        ready: {
          service: dellService('DellLCService'),
          name: 'DellLCService.GetRemoteServicesAPIStatus',
          body: {},
          member: 'LCStatus',
          value: 'Ready',
        },
      },
    },
  ],
  // iLO tells of an update only in its own member of the service.
  [/\bHPE?\b|Hewlett/i, { updateState: ['Oem', 'Hpe', 'State'] }],
  // XCC shows drives of several kinds; those named EXT take a URL, and by PATCH only.
  [/Lenovo/i, { insert: 'patch', drive: 'EXT' }],
  // Refuses Inserted and WriteProtected, and shows its virtual CD as a USB one.
  [/Super\s?micro/i, { cdTarget: 'UsbCd', insert: 'image only' }],
];

/** The quirks of the service that shows this system; others keep to the standard in what is used here. */
export function quirksOf(system: Resource): Quirks {
  const manufacturer = textOf(system, 'Manufacturer') ?? '';
  return { ...standard, ...vendors.find(([words]) => words.test(manufacturer))?.[1] };
}
