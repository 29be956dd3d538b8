import { createStore } from './store.ts';

export type Theme = 'system' | 'light' | 'dark';

/** Remembered outside the vault too: the unlock screen comes before the settings can be read. */
const KEY = 'keyhold.theme';

function remembered(): Theme {
  try {
    const stored = window.localStorage.getItem(KEY);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  } catch {
    // Storage may be switched off; then the system decides.
    return 'system';
  }
}

const themeStore = createStore<Theme>('system');

export function setTheme(theme: Theme): void {
  themeStore.set(theme);
  try {
    window.localStorage.setItem(KEY, theme);
  } catch {
    // As above: it holds until the page is closed.
  }
}

/** Keeps the page's theme in step with the setting and with the system. */
export function startTheme(): void {
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    const theme = themeStore.get();
    document.documentElement.classList.toggle('dark', theme === 'dark' || (theme === 'system' && system.matches));
  };
  themeStore.set(remembered());
  themeStore.subscribe(apply);
  system.addEventListener('change', apply);
  apply();
}
