import { messages } from './messages.ts';
import { tickets } from './tickets.ts';

/** Every operation of the API. The SDK's calls and the checks of the documentation are made from it. */
export const contract = {
  tickets,
  messages,
};

export type Contract = typeof contract;
