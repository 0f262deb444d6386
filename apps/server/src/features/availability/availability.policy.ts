import { MEMBERSHIP_LEVELS, type MembershipLevel } from '@parley/contract/route';

/** Everybody speaks for themselves; admins for others too (tickets-api.md 4.3). */
export function canSetAvailability(caller: { id: number; level: MembershipLevel }, userId: number): boolean {
  return (
    caller.id === userId || MEMBERSHIP_LEVELS.indexOf(caller.level) >= MEMBERSHIP_LEVELS.indexOf('admin')
  );
}
