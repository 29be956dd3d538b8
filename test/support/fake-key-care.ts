import { KeyholdError } from '../../src/contract/errors.ts';
import type { KeyRotation } from '../../src/contract/rekey.ts';
import { RotationSchedule } from '../../src/contract/schedule.ts';
import type { AccessKey, Account } from '../../src/contract/schemas.ts';

const DAY = 86_400_000;

/** How the keys of a fake vault are looked after: maximum ages, and its own root key. */
export interface FakeKeyCare {
  rotation: KeyRotation;
}

export function fakeKeyCare(rows: number, now: number): FakeKeyCare {
  return {
    rotation: { state: 'none', done: rows * 9, total: rows * 9, madeAt: new Date(now - 212 * DAY).toISOString() },
  };
}

type Params = Record<string, unknown>;

export function fakeKeyCareHandlers(vault: { care: FakeKeyCare; keys: AccessKey[]; accounts: Account[] }) {
  return {
    'vault.keyRotation': () => vault.care.rotation,
    'vault.continueRotation': () => {
      vault.care.rotation = { ...vault.care.rotation, state: 'running' };
      return vault.care.rotation;
    },
    'rotation.due': () => ({
      keys: vault.keys.flatMap(({ name, account, accessKeyId, dueAt, schedule }) =>
        dueAt === undefined
          ? []
          : [{ key: name, account, accessKeyId, dueAt, state: 'due' as const, auto: schedule?.auto ?? 'off' }],
      ),
      waiting: 1,
      timeZone: 'Europe/Berlin',
    }),
    'rotation.schedule': ({ target, schedule }: Params) => {
      const { name } = readTarget(target);
      const parsed = RotationSchedule.nullable().parse(schedule);
      const next = parsed === null ? {} : { schedule: parsed };
      vault.keys = vault.keys.map(({ schedule: before, ...key }) => ({
        ...key,
        ...(key.name === name ? next : before === undefined ? {} : { schedule: before }),
      }));
      vault.accounts = vault.accounts.map(({ schedule: before, ...account }) => ({
        ...account,
        ...(account.name === name ? next : before === undefined ? {} : { schedule: before }),
      }));
      return {};
    },
    'rotation.snooze': ({ key, seconds }: Params) => {
      for (const one of vault.keys) {
        if (one.name !== key) continue;
        if (typeof seconds === 'number') one.snoozedUntil = new Date(Date.now() + seconds * 1000).toISOString();
        else delete one.snoozedUntil;
      }
      return {};
    },
    'rotation.calendar': () => ({ text: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n', events: vault.keys.length }),
    'rotation.setMaxAge': ({ target, maxAgeDays }: Params) => {
      const { kind, name } = readTarget(target);
      const days = typeof maxAgeDays === 'number' ? { maxAgeDays } : {};
      if (kind === 'account') {
        vault.accounts = vault.accounts.map(({ maxAgeDays: before, ...account }) =>
          account.name === name
            ? { ...account, ...days }
            : before === undefined
              ? account
              : { ...account, maxAgeDays: before },
        );
      } else {
        vault.keys = vault.keys.map((key) => {
          if (key.name !== name) return key;
          const { maxAgeDays: _before, dueAt: _due, ...rest } = key;
          return { ...rest, ...days };
        });
      }
      vault.keys = vault.keys.map((key) => withDue(key, vault.accounts));
      return {};
    },
  };
}

/** As the daemon has it: a key's own maximum age counts, or else its account's. */
export function withDue({ dueAt: _before, ...key }: AccessKey, accounts: readonly Account[]): AccessKey {
  const days = key.maxAgeDays ?? accounts.find(({ name }) => name === key.account)?.maxAgeDays;
  return days === undefined ? key : { ...key, dueAt: new Date(Date.parse(key.createdAt) + days * DAY).toISOString() };
}

function readTarget(target: unknown): { kind: string; name: string } {
  if (typeof target === 'object' && target !== null && 'kind' in target && 'name' in target) {
    return { kind: String(target.kind), name: String(target.name) };
  }
  throw new KeyholdError('InvalidInput', 'A maximum age is of a key or of an account.');
}
