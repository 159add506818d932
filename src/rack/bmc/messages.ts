// Redfish's error messages (Base registry, DSP8011) as the BMC words them, and the error body of DSP0266 clause 8.6.

interface MessageForm {
  readonly status: number;
  readonly severity: 'OK' | 'Warning' | 'Critical';
  /** `%1`, `%2` stand for the arguments. */
  readonly text: string;
  readonly resolution: string;
}

const forms = {
  Success: { status: 200, severity: 'OK', text: 'Done.', resolution: 'None.' },
  ServiceTemporarilyUnavailable: {
    status: 503,
    severity: 'Critical',
    text: 'The service is busy. Try again in %1 seconds.',
    resolution: 'Wait, then try again.',
  },
  MalformedJSON: {
    status: 400,
    severity: 'Critical',
    text: 'The request body is not JSON.',
    resolution: 'Send a JSON object.',
  },
  EmptyJSON: {
    status: 400,
    severity: 'Warning',
    text: 'The request body holds nothing to act on.',
    resolution: 'Name at least one property.',
  },
  PropertyUnknown: {
    status: 400,
    severity: 'Warning',
    text: 'This resource has no property %1.',
    resolution: 'Leave it out.',
  },
  PropertyNotWritable: {
    status: 400,
    severity: 'Warning',
    text: 'Property %1 cannot be written.',
    resolution: 'Leave it out.',
  },
  PropertyMissing: { status: 400, severity: 'Warning', text: 'Property %1 is needed.', resolution: 'Add it.' },
  PropertyValueTypeError: {
    status: 400,
    severity: 'Warning',
    text: 'Value %1 of property %2 has the wrong type.',
    resolution: 'Correct the type.',
  },
  PropertyValueNotInList: {
    status: 400,
    severity: 'Warning',
    text: 'Value %1 of property %2 is none of its allowed values.',
    resolution: 'Choose an allowed value.',
  },
  PropertyValueOutOfRange: {
    status: 400,
    severity: 'Warning',
    text: 'Value %1 of property %2 is out of range.',
    resolution: 'Choose a value in range.',
  },
  PropertyValueFormatError: {
    status: 400,
    severity: 'Warning',
    text: 'Value %1 of property %2 has the wrong form.',
    resolution: 'Correct the form.',
  },
  ActionParameterMissing: {
    status: 400,
    severity: 'Critical',
    text: 'Action %1 needs parameter %2.',
    resolution: 'Add it.',
  },
  ActionParameterUnknown: {
    status: 400,
    severity: 'Warning',
    text: 'Action %1 has no parameter %2.',
    resolution: 'Leave it out.',
  },
  ActionParameterValueNotInList: {
    status: 400,
    severity: 'Warning',
    text: 'Value %1 of parameter %2 of action %3 is not allowed.',
    resolution: 'Choose an allowed value.',
  },
  ActionParameterValueTypeError: {
    status: 400,
    severity: 'Warning',
    text: 'Value %1 of parameter %2 of action %3 has the wrong type.',
    resolution: 'Correct the type.',
  },
  ResourceMissingAtURI: {
    status: 404,
    severity: 'Critical',
    text: 'There is no resource at %1.',
    resolution: 'Follow the links from the service root.',
  },
  OperationNotAllowed: {
    status: 405,
    severity: 'Warning',
    text: 'This resource does not take that method.',
    resolution: 'See the Allow header.',
  },
  NoValidSession: {
    status: 401,
    severity: 'Critical',
    text: 'The request carries no valid credentials.',
    resolution: 'Use basic authentication or a session token.',
  },
  PreconditionFailed: {
    status: 412,
    severity: 'Critical',
    text: 'The resource has changed since its ETag was read.',
    resolution: 'Read it again and decide anew.',
  },
  QueryNotSupported: {
    status: 501,
    severity: 'Warning',
    text: 'Query parameter %1 is not supported.',
    resolution: 'Leave it out.',
  },
  RequestBodyTooLarge: {
    status: 413,
    severity: 'Warning',
    text: 'The request body is too large.',
    resolution: 'Send a smaller one.',
  },
  ResourceCannotBeUsed: {
    status: 409,
    severity: 'Warning',
    text: 'The resource is in a state that does not allow this: %1.',
    resolution: 'Change its state first.',
  },
  ResourceAtUriInUnknownFormat: {
    status: 400,
    severity: 'Critical',
    text: 'The image at %1 cannot be used: %2.',
    resolution: 'Check the address from the BMC’s host.',
  },
  InternalError: {
    status: 500,
    severity: 'Critical',
    text: 'The BMC failed: %1.',
    resolution: 'See the log of the rack.',
  },
} as const satisfies Record<string, MessageForm>;

export type MessageName = keyof typeof forms;

export interface ExtendedInfo {
  readonly '@odata.type': '#Message.v1_1_1.Message';
  readonly MessageId: string;
  readonly Message: string;
  readonly MessageArgs: readonly string[];
  readonly MessageSeverity: string;
  readonly Severity: string;
  readonly Resolution: string;
  readonly RelatedProperties?: readonly string[];
}

/** One message with its arguments filled in; `property` is a JSON pointer into the request body. */
export function message(name: MessageName, args: readonly string[] = [], property?: string): ExtendedInfo {
  const form = forms[name];
  return {
    '@odata.type': '#Message.v1_1_1.Message',
    MessageId: `Base.1.8.${name}`,
    Message: form.text.replace(/%(\d)/g, (_, number: string) => args[Number(number) - 1] ?? ''),
    MessageArgs: args,
    MessageSeverity: form.severity,
    Severity: form.severity,
    Resolution: form.resolution,
    ...(property === undefined ? {} : { RelatedProperties: [property] }),
  };
}

/** A request the BMC refuses: carried to the server, which writes the error body. */
export class RedfishFault extends Error {
  override readonly name = 'RedfishFault';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly messages: readonly ExtendedInfo[];

  constructor(status: number, messages: readonly ExtendedInfo[], headers: Readonly<Record<string, string>> = {}) {
    super(messages.map((one) => one.Message).join(' '));
    this.status = status;
    this.messages = messages;
    this.headers = headers;
  }

  body(): unknown {
    const [first] = this.messages;
    const single = this.messages.length === 1 && first !== undefined;
    return {
      error: {
        code: single ? first.MessageId : 'Base.1.8.GeneralError',
        message: single ? first.Message : 'The request has several faults; see the extended information.',
        '@Message.ExtendedInfo': this.messages,
      },
    };
  }
}

/** A fault of one message, with the status that message stands for. */
export function fault(
  name: MessageName,
  args: readonly string[] = [],
  headers: Readonly<Record<string, string>> = {},
): RedfishFault {
  return new RedfishFault(forms[name].status, [message(name, args)], headers);
}
