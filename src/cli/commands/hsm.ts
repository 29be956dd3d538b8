import type { Define } from '../command.ts';
import { defineQuorum } from './hsm-quorum.ts';
import { defineStore } from './hsm-store.ts';
import { defineTokens } from './hsm-token.ts';
import { defineLogin, defineUsers } from './hsm-users.ts';

export const define: Define = (command, cli) => {
  defineStore(command, cli);
  defineLogin(command, cli);
  const users = command.command('users').description('crypto officers and crypto users of the HSM');
  users.copyInheritedSettings(command);
  defineUsers(users, cli);
  const quorum = command.command('quorum').description('what needs the approval of several crypto officers');
  quorum.copyInheritedSettings(command);
  defineQuorum(quorum, cli);
  const token = command.command('token').description('PKCS#11 tokens: HSMs and smart cards with keys of their own');
  token.copyInheritedSettings(command);
  defineTokens(token, cli);
};
