interface Window {
  /** What the Electron preload script offers; absent in a browser. */
  readonly keyhold?: import('../contract/wire.ts').ShellBridge;
}
