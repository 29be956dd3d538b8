import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron';
import type { DaemonEvent } from '../contract/events.ts';
import { type CallAnswer, IPC, type ShellBridge } from '../contract/wire.ts';

/** All that the page can reach outside itself: the contract’s calls, parts of files and events, no channel names, no Electron objects. */
const bridge: ShellBridge = {
  shell: 'electron',
  call(method, params) {
    const answer: Promise<CallAnswer> = ipcRenderer.invoke(IPC.call, String(method), params);
    return answer;
  },
  filePart(part, bytes) {
    const answer: Promise<CallAnswer> = ipcRenderer.invoke(IPC.filePart, part, bytes);
    return answer;
  },
  holdInClipboard(code, seconds) {
    const answer: Promise<CallAnswer> = ipcRenderer.invoke(IPC.clipboard, code, seconds);
    return answer;
  },
  subscribe(listener) {
    // The IPC event object stays here: it would hand the page `ipcRenderer` itself.
    const pass = (_event: IpcRendererEvent, event: DaemonEvent): void => listener(event);
    ipcRenderer.on(IPC.event, pass);
    return () => {
      ipcRenderer.off(IPC.event, pass);
    };
  },
};

contextBridge.exposeInMainWorld('keyhold', bridge);
