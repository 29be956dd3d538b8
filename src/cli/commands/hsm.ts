import type { Define } from '../command.ts';
import { defineStore } from './hsm-store.ts';
import { defineTokens } from './hsm-token.ts';

export const define: Define = (command, cli) => {
  defineStore(command, cli);
  const token = command.command('token').description('PKCS#11 tokens: HSMs and smart cards with keys of their own');
  token.copyInheritedSettings(command);
  defineTokens(token, cli);
};
