import { createStore, useStore } from './store.ts';

export const SCREENS = [
  'home',
  'keys',
  'credentials',
  'rotation',
  'authenticator',
  'accounts',
  'security-keys',
  'sign-ins',
  'profiles',
  'sessions',
  'clients',
  'kms',
  'encrypt',
  'key-stores',
  'hsm',
  'activity',
  'panic',
  'settings',
] as const;
export type Screen = (typeof SCREENS)[number];

/** Where the person is: a screen and, on list screens, the id of the record whose detail is open. */
export interface Route {
  screen: Screen;
  id: string | null;
}

/** Both shells serve one static page, so the route lives in the fragment. Anything unknown is home. */
export function parseRoute(hash: string): Route {
  const [name = '', id = ''] = hash.replace(/^#\/?/, '').split('/');
  const screen = SCREENS.find((one) => one === name) ?? 'home';
  return { screen, id: screen === 'home' || id === '' ? null : decode(id) };
}

export function formatRoute(route: Route): string {
  if (route.screen === 'home') return '#/';
  return route.id === null ? `#/${route.screen}` : `#/${route.screen}/${encodeURIComponent(route.id)}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const current = createStore<Route>({ screen: 'home', id: null });

/** Starts following the address bar. */
export function startRouter(): void {
  const read = () => current.set(parseRoute(window.location.hash));
  read();
  window.addEventListener('hashchange', read);
}

export function useRoute(): Route {
  return useStore(current);
}

/** Goes to a screen; `replace` for moves that Back should not retrace, such as walking down a list. */
export function navigate(screen: Screen, id: string | null = null, options: { replace?: boolean } = {}): void {
  const route = { screen, id };
  const hash = formatRoute(route);
  if (options.replace === true) window.history.replaceState(null, '', hash);
  else if (window.location.hash !== hash) window.history.pushState(null, '', hash);
  current.set(route);
}
