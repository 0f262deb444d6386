import { MEMBERSHIP_LEVELS, type MembershipLevel } from '@parley/contract/route';

interface Person {
  id: number;
  level: MembershipLevel;
}

function isAtLeast(actual: MembershipLevel, needed: MembershipLevel): boolean {
  return MEMBERSHIP_LEVELS.indexOf(actual) >= MEMBERSHIP_LEVELS.indexOf(needed);
}

/** Admins set levels; only owners make or unmake owners. */
export function canSetLevel(caller: MembershipLevel, from: MembershipLevel, to: MembershipLevel): boolean {
  return isAtLeast(caller, from === 'owner' || to === 'owner' ? 'owner' : 'admin');
}

/** Everybody may leave. Admins remove others, but only owners remove owners. */
export function canRemove(caller: Person, target: Person): boolean {
  return caller.id === target.id || isAtLeast(caller.level, target.level === 'owner' ? 'owner' : 'admin');
}

/** Nobody invites somebody above themselves. */
export function canInvite(caller: MembershipLevel, level: MembershipLevel): boolean {
  return isAtLeast(caller, level === 'owner' ? 'owner' : 'admin');
}
