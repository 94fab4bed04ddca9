import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron'
import type { MedullaDesktop, MenuAction } from '../shared/desktop.ts'

// Handed over as an argument: a sandboxed preload cannot ask the operating system.
const USER_PREFIX = '--medulla-user='
const user = process.argv.find((text) => text.startsWith(USER_PREFIX))?.slice(USER_PREFIX.length)

const desktop: MedullaDesktop = {
  chooseFolder: () => ipcRenderer.invoke('choose-folder'),
  chooseModel: (kind) => ipcRenderer.invoke('choose-model', kind),
  revealInFolder: (path) => ipcRenderer.invoke('reveal-in-folder', path),
  userName: user ? decodeURIComponent(user) : null,
  onMenu(listener) {
    const relay = (_event: IpcRendererEvent, action: MenuAction) => listener(action)
    ipcRenderer.on('menu', relay)
    return () => ipcRenderer.off('menu', relay)
  },
}

contextBridge.exposeInMainWorld('medullaDesktop', desktop)
