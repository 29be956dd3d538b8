import type { Define } from '../command.ts';
import { defineStore } from './hsm-store.ts';

export const define: Define = (command, cli) => defineStore(command, cli);
