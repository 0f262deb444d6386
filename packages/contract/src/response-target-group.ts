import Type from 'typebox';
import { NonBlank } from './schemas.ts';

/** One step of the ladder by which a team tells how soon a ticket wants an answer (inbox.md 3.7). */
export const ResponseTargetGroup = Type.Object(
  { label: NonBlank(100), tags: Type.Array(NonBlank(255), { maxItems: 50 }) },
  { title: 'ResponseTargetGroup' },
);
