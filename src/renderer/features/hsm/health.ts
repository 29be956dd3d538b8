import type { HsmStatus } from '../../../contract/hsm.ts';

export interface Health {
  tone: 'good' | 'warn' | 'bad';
  title: string;
  text: string;
}

/** How safe the vault's data is, in one sentence and what to do about it. */
export function healthOf({ copies, backups }: Pick<HsmStatus, 'copies' | 'backups'>): Health {
  const primary = copies.find((copy) => copy.role === 'primary');
  const mirrors = copies.filter((copy) => copy.role === 'mirror');
  const conflict = copies.find((copy) => copy.state === 'conflict');
  const astray = copies.filter((copy) => copy.state !== 'in-step' && copy.state !== 'catching-up');
  if (primary?.state === 'damaged') {
    return { tone: 'bad', title: 'The vault does not verify', text: primary.reason ?? 'See below.' };
  }
  if (primary !== undefined && primary.state !== 'in-step') {
    return { tone: 'bad', title: 'The vault’s own file is not in step', text: primary.reason ?? 'See below.' };
  }
  if (conflict !== undefined) {
    return {
      tone: 'bad',
      title: 'A copy holds what the vault does not have',
      text: 'Remove it from the mirrors, and look at it as a vault of its own, before you let it be replaced.',
    };
  }
  if (backups.failure !== null) {
    return { tone: 'warn', title: 'The last backup could not be made', text: backups.failure };
  }
  if (astray.length > 0) {
    return {
      tone: 'warn',
      title: astray.length === 1 ? 'One copy is not in step' : `${astray.length} copies are not in step`,
      text: 'Everything is saved in the others. It catches up by itself once it is within reach.',
    };
  }
  if (mirrors.length === 0) {
    return {
      tone: 'warn',
      title: 'There is one copy of the vault',
      text: 'When its disk fails, only backups are left. Add a mirror on another disk or a stick.',
    };
  }
  if (mirrors.every((copy) => !copy.apart)) {
    return {
      tone: 'warn',
      title: 'All copies are on one disk',
      text: 'They are lost together when it fails. Add a mirror on another disk or a stick.',
    };
  }
  return {
    tone: 'good',
    title: `${copies.length} copies in step`,
    text: 'A change is acknowledged when it is in all of them.',
  };
}
