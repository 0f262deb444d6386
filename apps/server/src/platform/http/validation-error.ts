import type { ErrorCode } from '@parley/contract/errors';
import type { ErrorObject } from 'ajv';
import { ApiError } from '#platform/api-error.ts';

/** `/filters/status/0` and a missing `name` become `filters__status__0__name` (tickets-api.md 1.4). */
function toAttr(error: ErrorObject): string | undefined {
  const parts = error.instancePath.split('/').slice(1).map(unescapePointer);
  if (error.keyword === 'required') parts.push(String(error.params.missingProperty));
  if (error.keyword === 'additionalProperties') parts.push(shorten(String(error.params.additionalProperty)));
  return parts.length > 0 ? parts.join('__') : undefined;
}

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

interface Finding {
  code: ErrorCode;
  detail: string;
}

const FORMAT_DETAILS: Record<string, string> = {
  email: 'Enter a valid email address.',
  uuid: 'Must be a valid UUID.',
  instant: 'Datetime has wrong format. Use ISO 8601, such as 2026-01-31T09:00:00Z.',
};

function describe(error: ErrorObject): Finding {
  const { params, data } = error;
  switch (error.keyword) {
    case 'required':
      return { code: 'required', detail: 'This field is required.' };
    case 'type':
      if (data === null) return { code: 'null', detail: 'This field may not be null.' };
      // Out of a closed list, whatever its type.
      if (error.parentSchema?.enum) return { code: 'invalid_choice', detail: notAChoice(data) };
      return { code: 'invalid_input', detail: `Must be of type ${[params.type].flat().join(' or ')}.` };
    case 'enum':
    case 'const':
      if (data === null) return { code: 'null', detail: 'This field may not be null.' };
      return { code: 'invalid_choice', detail: notAChoice(data) };
    case 'pattern':
      if (params.pattern !== '\\S') return { code: 'invalid_input', detail: 'Invalid format.' };
      return { code: 'blank', detail: 'This field may not be blank.' };
    case 'maxLength':
      return { code: 'max_length', detail: `Ensure this field has no more than ${params.limit} characters.` };
    case 'minLength':
      return { code: 'min_length', detail: `Ensure this field has at least ${params.limit} characters.` };
    case 'maxItems':
      return { code: 'max_length', detail: `Ensure this field has no more than ${params.limit} elements.` };
    case 'minItems':
      return { code: 'empty', detail: 'This list may not be empty.' };
    case 'maximum':
      return { code: 'max_value', detail: `Ensure this value is less than or equal to ${params.limit}.` };
    case 'minimum':
      return { code: 'min_value', detail: `Ensure this value is greater than or equal to ${params.limit}.` };
    case 'additionalProperties':
      return { code: 'invalid_input', detail: 'There is no such field.' };
    case 'uniqueItems':
      return { code: 'invalid_input', detail: 'The same element is in it twice.' };
    case 'format':
      return { code: 'invalid_input', detail: FORMAT_DETAILS[String(params.format)] ?? 'Invalid format.' };
    default:
      return { code: 'invalid_input', detail: 'Invalid value.' };
  }
}

/** Echoes a short value only: an error never repeats a long input. */
function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function notAChoice(data: unknown): string {
  const text = typeof data === 'string' ? data : (JSON.stringify(data) ?? 'value');
  return `"${shorten(text)}" is not a valid choice.`;
}

/** The first finding of the validator, in the one error form. */
export function toApiError(error: ErrorObject): ApiError {
  const { code, detail } = describe(error);
  const attr = toAttr(error);
  return new ApiError(code, detail, attr === undefined ? {} : { attr });
}
