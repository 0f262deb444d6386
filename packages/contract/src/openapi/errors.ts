import { ERROR_CODES, ErrorBody, type ErrorCode } from '../errors.ts';
import type { RouteDeclaration } from '../route.ts';
import type { JsonSchema } from './json-schema.ts';

const TYPES = [...new Set(Object.values(ERROR_CODES).map(({ type }) => type))];

/** The error answer with what a client may meet in it. Codes are open: a new version may know more. */
export const documentedError: JsonSchema = {
  ...ErrorBody,
  description: 'Rely on `code`; `detail` is for people.',
  properties: {
    type: { type: 'string', enum: TYPES, title: 'ErrorType' },
    code: {
      type: 'string',
      description: 'What went wrong. Newer servers may know more codes.',
      'x-extensible-enum': Object.keys(ERROR_CODES),
    },
    detail: { type: 'string', description: 'One sentence for people.' },
    attr: { type: ['string', 'null'], description: 'The field at fault; nested ones are joined by `__`.' },
    error_type: { type: 'string', description: 'Repeats the code where the published API has it.' },
  },
};

interface ErrorAnswer {
  status: number;
  description: string;
  example: { code: ErrorCode; detail: string; attr: string | null };
  /** Whether an operation may give it. */
  of(route: RouteDeclaration): boolean;
}

const always = () => true;
const hasBody = ({ body }: RouteDeclaration) => body !== undefined;

const ANSWERS: Readonly<Record<string, ErrorAnswer>> = {
  BadRequest: {
    status: 400,
    description: 'A value is invalid: `attr` names the field.',
    example: { code: 'invalid_choice', detail: '"nope" is not a valid choice.', attr: 'status' },
    of: ({ body, query, path }) => body !== undefined || query !== undefined || path.includes('/:'),
  },
  Unauthorized: {
    status: 401,
    description: 'No credentials, or none that are valid.',
    example: {
      code: 'not_authenticated',
      detail: 'Authentication credentials were not provided.',
      attr: null,
    },
    of: ({ credentials }) => credentials !== 'public_token',
  },
  Forbidden: {
    status: 403,
    description: 'The credentials are valid and do not suffice.',
    example: {
      code: 'permission_denied',
      detail: 'You do not have permission to perform this action.',
      attr: null,
    },
    of: ({ credentials }) => credentials !== 'public' && credentials !== 'any',
  },
  NotFound: {
    status: 404,
    description: 'It does not exist, or belongs to somebody else.',
    example: { code: 'not_found', detail: 'Not found.', attr: null },
    of: ({ path }) => path.includes('/:'),
  },
  Conflict: {
    status: 409,
    description: 'It contradicts what is stored, or another request that is being handled.',
    example: { code: 'conflict', detail: 'The state of the thing does not allow this.', attr: null },
    of: ({ method }) => method !== 'GET',
  },
  TooLarge: {
    status: 413,
    description: 'The body is too large.',
    example: { code: 'request_too_large', detail: 'The request body is too large.', attr: null },
    of: hasBody,
  },
  UnsupportedMediaType: {
    status: 415,
    description: 'The body is in no form that the operation takes.',
    example: { code: 'unsupported_media_type', detail: 'Unsupported media type in request.', attr: null },
    of: hasBody,
  },
  TooManyRequests: {
    status: 429,
    description: 'Over a limit: wait for `Retry-After` seconds.',
    example: {
      code: 'throttled',
      detail: 'Request was throttled. Expected available in 12 seconds.',
      attr: null,
    },
    of: always,
  },
};

const OTHER = {
  description: 'Any other error.',
  example: { code: 'error', detail: 'A server error occurred.' },
};

function toResponse({ description, example }: { description: string; example: object }, status?: number) {
  const code = 'code' in example ? String(example.code) : '';
  const type = Object.entries(ERROR_CODES).find(([name]) => name === code)?.[1].type;
  const retryAfter = { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 0 } };
  return {
    description,
    ...(status === 429 ? { headers: { 'Retry-After': retryAfter } } : {}),
    content: {
      'application/json': {
        schema: { $ref: '#/components/schemas/Error' },
        example: { type, attr: null, ...example },
      },
    },
  };
}

/** `components.responses`: the answers that many operations share. */
export function errorResponses(): Record<string, object> {
  const answers = Object.entries(ANSWERS).map(([name, answer]) => [name, toResponse(answer, answer.status)]);
  return { ...Object.fromEntries(answers), OtherError: toResponse(OTHER) };
}

/** The error answers of one operation, by status. */
export function errorsOf(route: RouteDeclaration): Record<string, object> {
  const own = Object.entries(ANSWERS).filter(([, answer]) => answer.of(route));
  if (route.errors)
    return ownErrors(
      FORMS[route.errors],
      own.map(([, answer]) => answer),
    );
  const reference = (name: string) => ({ $ref: `#/components/responses/${name}` });
  const byStatus = own.map(([name, { status }]) => [String(status), reference(name)]);
  return { ...Object.fromEntries(byStatus), default: reference('OtherError') };
}

const refer = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const FORMS = {
  plain: refer('PlainError'),
  widget: { anyOf: [refer('WidgetError'), refer('Error')] },
};

/** On routes whose errors have another form than all others. */
function ownErrors(schema: object, answers: readonly ErrorAnswer[]): Record<string, object> {
  const content = { 'application/json': { schema } };
  const byStatus = answers.map(({ status, description }) => [String(status), { description, content }]);
  return { ...Object.fromEntries(byStatus), default: { description: OTHER.description, content } };
}
