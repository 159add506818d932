// What a route of the BMC is, and how a request finds its own.
import type { Bmc } from './bmc.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface RedfishRequest {
  /** Values of the path's `{names}`. */
  readonly path: Readonly<Record<string, string>>;
  readonly uri: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handler = (bmc: Bmc, request: RedfishRequest) => Answer | Promise<Answer>;

export interface Route {
  readonly method: Method;
  readonly path: string;
  /** `open`: answered without credentials (DSP0266 clause 13.3.1). */
  readonly access: 'open' | 'login';
  readonly handler: Handler;
}

interface Node {
  readonly children: Map<string, Node>;
  wildcard?: { readonly name: string; readonly node: Node };
  readonly routes: Map<Method, Route>;
}

const emptyNode = (): Node => ({ children: new Map(), routes: new Map() });
const segments = (path: string): string[] => path.split('/').filter((segment) => segment !== '');

export interface Match {
  readonly route: Route | undefined;
  readonly methods: readonly Method[];
  readonly path: Readonly<Record<string, string>>;
}

/** Compiles a route table; the result finds a path's route, or tells which methods the path takes. */
export function compileRoutes(routes: readonly Route[]): (method: string, path: string) => Match | undefined {
  const root = emptyNode();
  for (const route of routes) {
    let node = root;
    for (const segment of segments(route.path)) {
      const name = /^\{(.+)\}$/.exec(segment)?.[1];
      if (name === undefined) {
        const next = node.children.get(segment) ?? emptyNode();
        node.children.set(segment, next);
        node = next;
      } else {
        node.wildcard ??= { name, node: emptyNode() };
        node = node.wildcard.node;
      }
    }
    node.routes.set(route.method, route);
  }
  return (method, path) => {
    let node: Node = root;
    const values: Record<string, string> = {};
    for (const segment of segments(path)) {
      const child = node.children.get(segment);
      if (child) {
        node = child;
      } else if (node.wildcard) {
        values[node.wildcard.name] = segment;
        node = node.wildcard.node;
      } else {
        return undefined;
      }
    }
    if (node.routes.size === 0) return undefined;
    const wanted = method === 'HEAD' ? 'GET' : method;
    const route = [...node.routes.values()].find((one) => one.method === wanted);
    return { route, methods: [...node.routes.keys()], path: values };
  };
}

/** A 200 with a body. */
export const ok = (body: unknown): Answer => ({ status: 200, body });
/** A 204. */
export const done: Answer = { status: 204 };
