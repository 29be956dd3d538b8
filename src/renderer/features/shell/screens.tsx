import {
  Building2,
  Cpu,
  FileLock,
  HardDrive,
  Hourglass,
  House,
  KeyRound,
  KeySquare,
  LogIn,
  type LucideIcon,
  RectangleEllipsis,
  RotateCw,
  ScrollText,
  Settings,
  Siren,
  SquareTerminal,
  Timer,
  Usb,
  UserRoundCog,
} from 'lucide-react';
import type { Screen } from '../../lib/router.ts';

export interface ScreenInfo {
  screen: Screen;
  label: string;
  Icon: LucideIcon;
  /** The screen of the sidebar that leads to it, where it has no entry of its own. */
  under?: Screen;
  group: 'top' | 'Vault' | 'Sign' | 'Services' | 'bottom' | 'foot';
}

/** The screens, in the order of the sidebar. */
export const SCREEN_INFO: readonly ScreenInfo[] = [
  { screen: 'home', label: 'Home', Icon: House, group: 'top' },
  { screen: 'keys', label: 'Access keys', Icon: KeyRound, group: 'Vault' },
  { screen: 'credentials', label: 'Passwords and SSH keys', Icon: RectangleEllipsis, under: 'keys', group: 'foot' },
  { screen: 'rotation', label: 'Rotation', Icon: RotateCw, group: 'Vault' },
  { screen: 'authenticator', label: 'Authenticator', Icon: Timer, group: 'Vault' },
  { screen: 'security-keys', label: 'Security keys', Icon: Usb, group: 'Vault' },
  { screen: 'accounts', label: 'Accounts', Icon: Building2, group: 'Vault' },
  { screen: 'sign-ins', label: 'Sign-ins', Icon: LogIn, group: 'Sign' },
  { screen: 'profiles', label: 'Profiles', Icon: UserRoundCog, group: 'Sign' },
  { screen: 'sessions', label: 'Sessions', Icon: Hourglass, group: 'Sign' },
  { screen: 'clients', label: 'Clients', Icon: SquareTerminal, group: 'Sign' },
  { screen: 'kms', label: 'KMS keys', Icon: KeySquare, group: 'Services' },
  { screen: 'encrypt', label: 'Encrypt', Icon: FileLock, group: 'Services' },
  { screen: 'key-stores', label: 'Key stores', Icon: HardDrive, group: 'Services' },
  { screen: 'hsm', label: 'HSM', Icon: Cpu, group: 'Services' },
  { screen: 'activity', label: 'Activity', Icon: ScrollText, group: 'bottom' },
  { screen: 'panic', label: 'Break glass', Icon: Siren, group: 'foot' },
  { screen: 'settings', label: 'Settings', Icon: Settings, group: 'bottom' },
];
