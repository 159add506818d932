// The fault formats that several services share.
import type { Api } from './route.ts';

type RenderFault = Api['renderFault'];

/** Text for a person: the message and, where it adds something, what to do next. */
function words(message: string, hint: string): string {
  return hint === '' ? message : `${message} ${hint}`;
}

/** Keystone: `{"error": {"code", "title", "message"}}`. */
export const identityFault: RenderFault = (error) => ({
  status: error.status,
  body: { error: { code: error.status, title: reasonPhrase(error.status), message: words(error.message, error.hint) } },
});

/** Nova: `{"badRequest": {"code", "message"}}`, the key named after the status. */
export const computeFault: RenderFault = (error) => ({
  status: error.status,
  body: {
    [computeFaultKeys[error.status] ?? 'computeFault']: {
      code: error.status,
      message: words(error.message, error.hint),
    },
  },
});
const computeFaultKeys: Readonly<Record<number, string>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  501: 'notImplemented',
  503: 'serviceUnavailable',
};

/** Neutron: `{"NeutronError": {"type", "message", "detail"}}`. */
export const networkFault: RenderFault = (error) => ({
  status: error.status,
  body: { NeutronError: { type: error.kind, message: words(error.message, error.hint), detail: '' } },
});

/** Heat: `{"code", "title", "explanation", "error": {"type", "message", "traceback"}}`. */
export const orchestrationFault: RenderFault = (error) => ({
  status: error.status,
  body: {
    code: error.status,
    title: reasonPhrase(error.status),
    explanation: explanations[error.status] ?? '',
    error: { type: error.kind, message: words(error.message, error.hint), traceback: null },
  },
});
const explanations: Readonly<Record<number, string>> = {
  400: 'The server could not comply with the request since it is either malformed or otherwise incorrect.',
  401: 'This server could not verify that you are authorized to access the document you requested.',
  403: 'Access was denied to this resource.',
  404: 'The resource could not be found.',
  409: 'There was a conflict when trying to complete your request.',
};

/**
 * Ironic: `{"error_message": "{\"faultcode\", \"faultstring\", \"debuginfo\"}"}`. The fault is JSON inside of a string:
 * python-ironicclient parses it a second time and shows nothing but a TypeError for an object.
 */
export const baremetalFault: RenderFault = (error) => ({
  status: error.status,
  body: {
    error_message: JSON.stringify({
      faultcode: error.status >= 500 ? 'Server' : 'Client',
      faultstring: words(error.message, error.hint),
      debuginfo: null,
    }),
  },
});

/** Ironic Inspector: `{"error": {"message"}}`. */
export const introspectionFault: RenderFault = (error) => ({
  status: error.status,
  body: { error: { message: words(error.message, error.hint) } },
});

/** Placement and the API-SIG's format: `{"errors": [{"status", "title", "detail", "request_id", "code"}]}`. */
export const errorsFault: RenderFault = (error, { requestId }) => ({
  status: error.status,
  body: {
    errors: [
      {
        status: error.status,
        title: reasonPhrase(error.status),
        detail: words(error.message, error.hint),
        request_id: requestId,
        code: error.code ?? 'undefined',
      },
    ],
  },
});

/** Glance answers with a small HTML page, as WebOb makes it. */
export const imageFault: RenderFault = (error) => ({
  status: error.status,
  headers: { 'content-type': 'text/html; charset=UTF-8' },
  body: `<html>\n <head>\n  <title>${error.status} ${reasonPhrase(error.status)}</title>\n </head>\n <body>\n  <h1>${error.status} ${reasonPhrase(error.status)}</h1>\n  ${escapeHtml(words(error.message, error.hint))}<br /><br />\n\n\n </body>\n</html>`,
});

function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  416: 'Requested Range Not Satisfiable',
  422: 'Unprocessable Entity',
  423: 'Locked',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};

/** The reason phrase of an HTTP status, as the services write it. */
export function reasonPhrase(status: number): string {
  return reasons[status] ?? 'Error';
}
