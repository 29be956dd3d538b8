import type { Input, Result } from '../../contract/methods.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import { logoutUrl } from '../console/console-site.ts';
import { signIn, siteOf } from '../console/sign-in.ts';
import type { Core } from '../core.ts';
import { assertCommandLine } from '../leave/only-command-line.ts';
import { instant } from '../views.ts';
import type { Handlers } from './handler.ts';

type Launch = NonNullable<Input<'console.open'>['launch']>;

export const consoleHandlers: Handlers<'console.open' | 'console.logout'> = {
  'console.open': async ({ core, actor }, { launch, ...wish }) => {
    // Whoever has the address is signed in.
    if (launch === undefined) assertCommandLine(actor, `keyhold console ${quotedName(wish.profile)} --print`);
    const { id } = (await core.session().need('profile')).byName('profile', wish.profile);
    const { url, kind, expiresAt } = await signIn({ core, actor }, wish);
    const done = await open(core, url, id, launch);
    if (done.url !== undefined) {
      assertCommandLine(
        actor,
        `no browser could be opened; keyhold console ${quotedName(wish.profile)} prints the address.`,
      );
    }
    return { ...done, kind, expiresAt: instant(expiresAt) };
  },

  'console.logout': async ({ core }, { profile: name, launch, forget }) => {
    const things = await core.session().need('profile', 'account');
    const profile = things.byName('profile', name);
    const url = logoutUrl(siteOf(core, things, profile));
    // Removing its cookies signs a browser profile out as well, and there is nobody to show a page to.
    if (forget === true && core.shell.browsers.forget(profile.id)) return { opened: false, forgotten: true };
    return { ...(await open(core, url, profile.id, launch)), forgotten: false };
  },
};

/** The address is answered only where it is needed. */
async function open(
  core: Core,
  url: string,
  id: string,
  launch: Launch | undefined,
): Promise<Pick<Result<'console.open'>, 'url' | 'opened' | 'browser'>> {
  if (launch === undefined) return { url, opened: false };
  const { browser = 'default', container } = launch;
  const done = await core.shell.browsers.open(url, { id, browser, container });
  return done === null ? { url, opened: false } : { opened: true, browser: done.browser };
}
