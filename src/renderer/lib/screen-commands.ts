import { useLayoutEffect } from 'react';

/** What the screen in view can do on a global key. */
export interface ScreenCommands {
  search?: () => void;
  add?: () => void;
}

let current: ScreenCommands = {};

export function screenCommands(): ScreenCommands {
  return current;
}

export function useScreenCommands(commands: ScreenCommands): void {
  // Before the screen is painted: who sees it may press a key at once.
  useLayoutEffect(() => {
    current = commands;
    return () => {
      if (current === commands) current = {};
    };
  });
}
