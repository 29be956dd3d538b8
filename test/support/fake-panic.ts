import type { PanicReport, PanicStep } from '../../src/contract/panic.ts';
import type { AccessKey } from '../../src/contract/schemas.ts';

/** A panic without any AWS: one key cannot be deactivated the first time, for want of a permission. */
export interface FakePanic {
  report: PanicReport | null;
}

type Params = Record<string, unknown>;

export function fakePanicHandlers(
  vault: { panic: FakePanic; keys: AccessKey[]; clients: readonly unknown[] },
  changed: () => void,
) {
  const chosen = ({ keys }: Params): AccessKey[] =>
    vault.keys.filter((key) => key.status === 'active' && (!Array.isArray(keys) || keys.includes(key.name)));
  const put = (report: PanicReport): PanicReport => {
    vault.panic.report = report;
    changed();
    return report;
  };
  const kept = (): PanicReport => {
    if (vault.panic.report === null) throw new Error('there is no panic');
    return vault.panic.report;
  };
  return {
    'panic.status': () => ({ report: vault.panic.report }),
    'panic.plan': (params: Params) => ({
      keys: chosen(params).map(({ name }) => name),
      credentials: [],
      clients: vault.clients.length,
      sessions: ['hub', 'stage-admin'],
      roles: ['arn:aws:iam::730918264455:role/teams/platform/admin', 'arn:aws:iam::730918264455:role/deploy'],
    }),
    'panic.start': (params: Params) => {
      const at = new Date().toISOString();
      const steps = chosen(params).map(
        ({ name, account, accessKeyId }): PanicStep => ({
          act: 'deactivate',
          account,
          target: accessKeyId,
          key: name,
          state: name === 'ci' ? 'failed' : 'done',
          message:
            name === 'ci'
              ? 'User arn:aws:iam::730918264455:user/ci is not allowed to call iam:UpdateAccessKey.'
              : 'Inactive at AWS.',
          at,
        }),
      );
      return put({
        state: 'open',
        startedAt: at,
        cutoff: at,
        keys: chosen(params).map(({ name }) => name),
        clients: vault.clients.length,
        sessions: ['hub', 'stage-admin'],
        back: { keys: 0, clients: 0 },
        steps: [
          ...steps,
          {
            act: 'denyRole',
            account: 'stage',
            target: 'arn:aws:iam::730918264455:role/teams/platform/admin',
            state: 'done',
            message: 'Sessions from before are refused.',
            at,
          },
        ],
        next: [
          'Deactivate AKIAT5HBN2QWZK8M3D6F of the user ci in the console: nobody here is allowed to.',
          'Look through CloudTrail for what the keys were used for since yesterday.',
        ],
        complete: false,
      });
    },
    'panic.resume': () => {
      const report = kept();
      const steps = report.steps.map((step) => ({ ...step, state: 'done' as const, message: 'Inactive at AWS.' }));
      return put({ ...report, steps, next: report.next.slice(1), complete: true });
    },
    'panic.undo': () => {
      const report = kept();
      const steps = report.steps.map((step) => ({ ...step, state: 'undone' as const, message: '' }));
      return put({ ...report, steps, next: [], state: 'undone', complete: true });
    },
    'panic.close': () => put({ ...kept(), state: 'closed' }),
  };
}
