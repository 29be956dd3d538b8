import {
  Building2,
  House,
  KeyRound,
  type LucideIcon,
  ScrollText,
  Settings,
  SquareTerminal,
  UserRoundCog,
} from 'lucide-react';
import type { Screen } from '../../lib/router.ts';

export interface ScreenInfo {
  screen: Screen;
  label: string;
  Icon: LucideIcon;
  group: 'top' | 'Vault' | 'Sign' | 'bottom';
}

/** The screens, in the order of the sidebar. */
export const SCREEN_INFO: readonly ScreenInfo[] = [
  { screen: 'home', label: 'Home', Icon: House, group: 'top' },
  { screen: 'keys', label: 'Access keys', Icon: KeyRound, group: 'Vault' },
  { screen: 'accounts', label: 'Accounts', Icon: Building2, group: 'Vault' },
  { screen: 'profiles', label: 'Profiles', Icon: UserRoundCog, group: 'Sign' },
  { screen: 'clients', label: 'Clients', Icon: SquareTerminal, group: 'Sign' },
  { screen: 'activity', label: 'Activity', Icon: ScrollText, group: 'bottom' },
  { screen: 'settings', label: 'Settings', Icon: Settings, group: 'bottom' },
];
