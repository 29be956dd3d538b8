import { useEffect } from 'react';

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
  useEffect(() => {
    current = commands;
    return () => {
      if (current === commands) current = {};
    };
  });
}
