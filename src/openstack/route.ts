// A route as data: method, path, microversions, policy rule, schemas, handler.
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Static, TSchema } from '@sinclair/typebox';
import type { Caller, RequestContext } from './context.ts';
import type { ApiError } from './errors.ts';
import type { MicroversionRange } from './microversion.ts';
import type { PolicyRules } from './policy/index.ts';

export interface ApiRequest<Query = unknown, Body = unknown> {
  readonly context: RequestContext;
  /** Decoded path parameters. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  /** The query as it came, for the APIs that allow a name several times. */
  readonly search: URLSearchParams;
  readonly body: Body;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The request itself: its bytes when the route takes a raw body, and `close` for long-held answers. */
  readonly raw: IncomingMessage;
  /** Throws Forbidden unless the caller passes the rule for this target (Keystone's names: `project_id`, `user_id`, ...). */
  enforce(rule: string, target?: Readonly<Record<string, unknown>>): void;
  /** The same question without the exception. */
  may(rule: string, target?: Readonly<Record<string, unknown>>): boolean;
}

export interface Answer {
  readonly status: number;
  /** JSON, unless it is a string, a Buffer or a stream, which are sent as they are with `headers['content-type']`. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the service's path, for instance `/v1/nodes/:node`. `*` matches the rest. */
  readonly path: string;
  /** First and last microversion that has this route; both inclusive. */
  readonly since?: string;
  readonly until?: string;
  /** Rule checked before the handler runs (target: the caller's own project). Null: open to anybody, without a token. */
  readonly policy: string | null;
  /** `handler`: the rule needs a target that only the handler knows, so the handler enforces it. */
  readonly enforcement?: 'handler';
  /** One line for the reference. */
  readonly summary: string;
  readonly query?: TSchema;
  readonly body?: TSchema;
  /** `raw`: the handler reads the bytes itself (a body schema then only describes them). `any`: JSON or nothing, unchecked. Default: `json` when there is a body schema, else `none`. */
  readonly payload?: 'raw' | 'any';
  readonly handler: (request: ApiRequest) => Promise<Answer> | Answer;
}

/** Declares a route whose handler sees the query and body types of its schemas. */
export function route<Query extends TSchema, Body extends TSchema>(
  declared: Omit<Route, 'query' | 'body' | 'handler'> & {
    readonly query?: Query;
    readonly body?: Body;
    readonly handler: (request: ApiRequest<Static<Query>, Static<Body>>) => Promise<Answer> | Answer;
  },
): Route {
  // The mount checks query and body against these very schemas before it calls the handler.
  return declared as Route;
}

export function json(body: unknown, status = 200, headers?: Readonly<Record<string, string>>): Answer {
  return headers ? { status, body, headers } : { status, body };
}

export function empty(status = 204, headers?: Readonly<Record<string, string>>): Answer {
  return headers ? { status, headers } : { status };
}

export function stream(body: Readable, headers: Readonly<Record<string, string>>, status = 200): Answer {
  return { status, body, headers };
}

/** What a violated schema looks like to a service's fault renderer. */
export interface SchemaFault {
  /** Where: `body`, `query`. */
  readonly place: 'body' | 'query';
  /** JSON pointer below it; empty at the root. */
  readonly pointer: string;
  readonly message: string;
  /** The JSON Schema keyword that failed, its value and the offending value. */
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly value: unknown;
  /** Where the keyword stands: `#/properties/total/minimum`. */
  readonly schemaPath: string;
  /** The schema that holds the keyword. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** What a fault may be rendered for. */
export interface FaultContext {
  readonly requestId: string;
  /** Absent when the request failed before its version was known. */
  readonly microversion?: string;
  /** The request's `Accept`. */
  readonly accept?: string | undefined;
}

/** Rule name -> the scopes of the tokens that may pass it. */
export type ScopeTypes = Readonly<Record<string, readonly ('system' | 'domain' | 'project')[]>>;

/** One service's HTTP face. */
export interface Api {
  /** Service type in microversion headers, logs and metrics: `baremetal`, `placement`, `compute`, ... */
  readonly service: string;
  /** Where the mount hangs it: `/baremetal`. */
  readonly path: string;
  readonly routes: readonly Route[];
  /** Default policy: rule name -> oslo.policy expression; a file may override it. */
  readonly policy: PolicyRules;
  /** Rules that only tokens of certain scopes pass, whatever their roles. */
  readonly scopeTypes?: ScopeTypes;
  readonly microversions?: {
    readonly range: MicroversionRange;
    /** Version used when none is asked for; default: the oldest. */
    readonly fallback?: string;
    /** Request headers to read, lower case, newest style first. */
    readonly headers: readonly string[];
    /** Headers of every answer. */
    readonly answer: (version: string) => Readonly<Record<string, string>>;
    /** How a version is refused where clients learn the range from that: headers, and the status of one that is no version (else 400). */
    readonly refusal?: { readonly headers: Readonly<Record<string, string>>; readonly malformed: number };
    /** Text of the 406 for a version outside of the range, where the clients look for a certain one. */
    readonly unsupported?: (text: string) => string;
  };
  /** Renders an error as this service's clients expect it. */
  readonly renderFault: (error: ApiError, context: FaultContext) => Answer;
  /** Turns a violated schema into an error of this service; default: 400 naming the field. */
  readonly schemaFault?: (fault: SchemaFault) => ApiError;
  /** OPTIONS is answered with the methods of the path, instead of 405. */
  readonly answersOptions?: true;
  /** Largest JSON body, bytes; default 4 MiB. */
  readonly bodyLimit?: number;
  /** What a request without a token gets under `--auth none`: a 401, or an admin. Default `admin`. */
  readonly noauthWithoutToken?: 'admin' | 'refuse';
  /** Who is an admin under `--auth none` where no X-Roles says otherwise: the user `admin`, or whoever calls. Default `admin`. */
  readonly noauthAdmins?: 'admin' | 'everybody';
}

/** Turns request headers into a caller; undefined when there is no valid token. */
export type Authenticate = (
  headers: Readonly<Record<string, string | string[] | undefined>>,
  api: Api,
  /** What is asked, below the service's path; a token may be limited to certain requests. */
  request: { readonly method: string; readonly path: string },
) => Promise<Caller | undefined>;
