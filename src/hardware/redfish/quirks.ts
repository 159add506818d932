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
}

const standard: Quirks = { cdTarget: 'Cd', insert: 'action', drive: '', updateState: undefined };

/** By a word of `Manufacturer`. */
const vendors: readonly (readonly [RegExp, Partial<Quirks>])[] = [
  // iLO tells of an update only in its own member of the service.
  [/\bHPE?\b|Hewlett/i, { updateState: ['Oem', 'Hpe', 'State'] }],
  // XCC shows drives of several kinds; those named EXT take a URL, and by PATCH only.
  [/Lenovo/i, { insert: 'patch', drive: 'EXT' }],
  // Refuses Inserted and WriteProtected, and shows its virtual CD as a USB one.
  [/Super\s?micro/i, { cdTarget: 'UsbCd', insert: 'image only' }],
];

/** The quirks of the service that shows this system; Dell's and others keep to the standard in what is used here. */
export function quirksOf(system: Resource): Quirks {
  const manufacturer = textOf(system, 'Manufacturer') ?? '';
  return { ...standard, ...vendors.find(([words]) => words.test(manufacturer))?.[1] };
}
