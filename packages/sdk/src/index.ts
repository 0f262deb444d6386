/** What the package shows to programs. */
export type { ErrorCode } from '@parley/contract/errors';
export type { EventName } from '@parley/contract/events';
export type { Message } from '@parley/contract/messages';
export type { ResponseTargetGroup } from '@parley/contract/response-targets';
export { readResponseTargets, responseTargetOf } from '@parley/contract/response-targets';
export type { Ticket } from '@parley/contract/tickets';
export type { View } from '@parley/contract/views';
export { createParleyClient, type ParleyClient, type ParleyClientOptions } from './client.ts';
export type { Download } from './download.ts';
export {
  AuthenticationError,
  ConflictError,
  InvalidRequestError,
  isParleyError,
  NotFoundError,
  ParleyConnectionError,
  ParleyError,
  type ParleyErrorCode,
  PermissionError,
  ServerError,
  ThrottledError,
} from './errors.ts';
export type {
  ChangeEvent,
  EventsOptions,
  ReadyEvent,
  ResetEvent,
  ServerEvent,
  StreamSignal,
} from './event-stream.ts';
export { paginate } from './paginate.ts';
export type { AnswerTo, BodyFor, OperationId } from './types.ts';
