import type { Handlers } from './handler.ts';

export const auditHandlers: Handlers<'audit.list' | 'audit.verify' | 'audit.export'> = {
  'audit.list': ({ core }, query) => core.session().audit.list(query),
  'audit.verify': ({ core }) => core.session().audit.verify(),

  'audit.export': async ({ core, actor }, query) => {
    const session = core.session();
    // An export is many calls; it is noted once, where it begins.
    if (query.afterSeq === 0) {
      await session.write(actor, (draft) => {
        draft.record('audit.export');
        return () => undefined;
      });
    }
    return session.audit.export(query);
  },
};
