// What every service's error catalogue is made of: errors that carry status, reason and what to do next.

/** An answer other than success. Each service renders it in the fault format that its clients expect. */
export class ApiError extends Error {
  override name = 'ApiError';
  constructor(
    /** Catalogue name, for instance `NodeNotFound`. */
    readonly kind: string,
    readonly status: number,
    message: string,
    /** What the caller can do about it; empty when the message says it all. */
    readonly hint: string,
    /** Machine-readable code such as `placement.concurrent_update`. */
    readonly code: string | undefined,
    options?: { cause?: unknown; headers?: Readonly<Record<string, string>> },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.headers = options?.headers ?? {};
  }
  readonly headers: Readonly<Record<string, string>>;
}

interface Entry<Args extends readonly unknown[]> {
  readonly status: number;
  readonly message: (...args: Args) => string;
  readonly hint: string;
  readonly code?: string;
}

/** One line of a catalogue. `message` gets the arguments that the error is made with. */
export function fault<Args extends readonly unknown[]>(
  status: number,
  message: (...args: Args) => string,
  hint = '',
  code?: string,
): Entry<Args> {
  return code === undefined ? { status, message, hint } : { status, message, hint, code };
}

type Catalogue<Entries> = {
  readonly [Kind in keyof Entries]: Entries[Kind] extends Entry<infer Args>
    ? ((...args: Args) => ApiError) & { readonly entry: Entry<Args> }
    : never;
};

/** Turns a table of faults into functions that make the errors: `throw errors.NodeNotFound(name)`; the reference reads their `entry`. */
// biome-ignore lint/suspicious/noExplicitAny: the argument lists differ from line to line; Catalogue gives them back.
export function catalogue<Entries extends Record<string, Entry<any>>>(entries: Entries): Catalogue<Entries> {
  const made: Record<string, (...args: readonly unknown[]) => ApiError> = {};
  for (const [kind, entry] of Object.entries(entries)) {
    const make = (...args: readonly unknown[]) =>
      new ApiError(kind, entry.status, entry.message(...args), entry.hint, entry.code);
    made[kind] = Object.assign(make, { entry });
  }
  return made as Catalogue<Entries>;
}

/** The errors that every service shares. */
export const commonErrors = catalogue({
  BadRequest: fault(400, (message: string) => message),
  Unauthorized: fault(
    401,
    () => 'The request you have made requires authentication.',
    'Ask identity for a token: openstack token issue.',
  ),
  Forbidden: fault(
    403,
    (rule: string) => `Policy doesn't allow ${rule} to be performed.`,
    'Use a user with the role that the policy names.',
  ),
  NotFound: fault(404, () => 'The resource could not be found.'),
  MethodNotAllowed: fault(405, (method: string) => `The method ${method} is not allowed for this resource.`),
  NotAcceptable: fault(406, (message: string) => message),
  UnsupportedMediaType: fault(415, (message: string) => message),
  PayloadTooLarge: fault(413, (limit: number) => `The request body is larger than ${limit} bytes.`),
});
