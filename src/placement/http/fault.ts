// Renders placement's errors: the API-SIG's format, with the words that its clients look for.
import { type Answer, type ApiError, type FaultContext, reasonPhrase } from '../../openstack/index.ts';
import { newest, oldest } from './version.ts';

/** What each status means; stands before the reason, for some clients match these words. */
const explanations: Readonly<Record<number, string>> = {
  400: 'The server could not comply with the request since it is either malformed or otherwise incorrect.',
  401: 'This server could not verify that you are authorized to access the document you requested.',
  403: 'Access was denied to this resource.',
  404: 'The resource could not be found.',
  406: 'The resource could not be generated that was acceptable to your browser (content of type application/json. ',
  409: 'There was a conflict when trying to complete your request.',
  415: 'The request media type is not supported by this server.',
};

/** First microversion whose errors carry a code. */
const codesSince = 23;

export function placementFault(error: ApiError, context: FaultContext): Answer {
  const { status } = error;
  const title = reasonPhrase(status);
  // For 405 the explanation names the method, which is what we have to say.
  const explanation = status === 405 ? error.message : explanations[status];
  const reason = status === 405 ? 'The method specified is not allowed for this resource.' : reasonOf(error);
  const detail = explanation === undefined || explanation === reason ? reason : `${explanation}\n\n ${reason}  `;
  const form = formOf(context.accept);
  if (form === 'html') {
    const page = `<html>\n <head>\n  <title>${status} ${title}</title>\n </head>\n <body>\n  <h1>${status} ${title}</h1>\n  ${escapeHtml(detail)}\n </body>\n</html>`;
    return { status, headers: { 'content-type': 'text/html; charset=UTF-8' }, body: page };
  }
  if (form === 'text')
    return {
      status,
      headers: { 'content-type': 'text/plain; charset=UTF-8' },
      body: `${status} ${title}\n\n${detail}`,
    };
  const withCode = context.microversion !== undefined && Number(context.microversion.split('.')[1]) >= codesSince;
  return {
    status,
    body: {
      errors: [
        {
          status,
          title,
          detail,
          ...(withCode ? { code: error.code ?? 'placement.undefined_code' } : {}),
          request_id: context.requestId,
          ...(status === 406 && context.microversion === undefined ? { max_version: newest, min_version: oldest } : {}),
        },
      ],
    },
  };
}

function reasonOf(error: ApiError): string {
  if (error.kind === 'Forbidden') return error.message.replace("Policy doesn't allow", 'Policy does not allow');
  return error.hint === '' ? error.message : `${error.message} ${error.hint}`;
}

/** JSON unless the client asks for something else and not for JSON. */
function formOf(accept: string | undefined): 'json' | 'html' | 'text' {
  if (accept === undefined || /json|\*\/\*|application\/\*/.test(accept)) return 'json';
  return /text\/(html|\*)/.test(accept) ? 'html' : 'text';
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
