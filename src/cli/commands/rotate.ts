import type { Define } from '../command.ts';
import { defineKeyRotation } from '../rotation/define-key-rotation.ts';

export const define: Define = (command, cli) => {
  defineKeyRotation(command, cli);
};
