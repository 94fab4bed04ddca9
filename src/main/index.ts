import { type ChildProcess, fork } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import {
  app,
  BrowserWindow,
  dialog,
  type IpcMainInvokeEvent,
  ipcMain,
  Menu,
  type MenuItemConstructorOptions,
  protocol,
  screen,
  session,
  shell,
  utilityProcess,
} from 'electron'
import type { MenuAction } from '../shared/desktop.ts'
import { defaultDataFolder } from './data-folder.ts'
import { isBenchPath } from './shell/bench-address.ts'
import { benchEnvironment } from './shell/bench-environment.ts'
import { type BenchProcess, type BenchState, BenchSupervisor } from './shell/bench-supervisor.ts'
import { problemPage, RETRY_PATH } from './shell/problem-page.ts'
import { socketFetch } from './shell/socket-fetch.ts'
import { serveStatic } from './shell/static-files.ts'
import { readWindowState, writeWindowState } from './shell/window-state.ts'

/** The window's whole origin: `medulla://app/`. */
const SCHEME = 'medulla'
const HOME = `${SCHEME}://app/`
/** How long a request waits for a bench that is starting; longer than any healthy start. */
const BENCH_WAIT_MS = 30_000
const CRASH_NOTICE_MS = 200

const outFolder = path.join(__dirname, '..')
const rendererFolder = path.join(outFolder, 'renderer')
const dataFolder = path.resolve(argument('data') ?? defaultDataFolder())
const model = argument('model')

// Chromium's own files lie inside the data folder: one window for each data folder, and nothing of it elsewhere.
const windowFolder = path.join(dataFolder, 'window')
const windowStateFile = path.join(windowFolder, 'state.json')

function argument(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`)
  if (at >= 0) return process.argv[at + 1]
  const prefix = `--${name}=`
  return process.argv.find((text) => text.startsWith(prefix))?.slice(prefix.length)
}

let window: BrowserWindow | null = null
let quitting = false

function startBench(socket: string): BenchProcess {
  const entry = path.join(__dirname, 'bench-process.cjs')
  const parameters = ['--socket', socket, '--data', dataFolder, ...(model ? ['--model', model] : [])]
  const node = process.env.MEDULLA_NODE
  return node ? startNode(node, entry, parameters) : startUtility(entry, parameters)
}

function startUtility(entry: string, parameters: string[]): BenchProcess {
  const child = utilityProcess.fork(entry, parameters, { serviceName: 'Medulla bench', stdio: 'inherit' })
  return {
    get pid() {
      return child.pid
    },
    send: (message) => child.postMessage(message),
    kill: () => void child.kill(),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.once('exit', listener),
  }
}

function startNode(node: string, entry: string, parameters: string[]): BenchProcess {
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env
  const child: ChildProcess = fork(entry, parameters, {
    execPath: node,
    execArgv: [],
    env: benchEnvironment(env),
    stdio: 'inherit',
  })
  return {
    get pid() {
      return child.pid
    },
    send: (message) => void (child.connected && child.send(message)),
    kill: () => void child.kill('SIGKILL'),
    onMessage: (listener) => void child.on('message', listener),
    onExit(listener) {
      let told = false
      const tell = () => {
        if (!told) listener()
        told = true
      }
      child.once('exit', tell)
      // A Node that cannot be started never exits; a message that cannot be sent is no exit.
      child.on('error', () => {
        if (child.pid === undefined) tell()
      })
    },
  }
}

const socketFolder = process.platform === 'win32' ? null : mkdtempSync(path.join(tmpdir(), 'medulla-'))
if (socketFolder) chmodSync(socketFolder, 0o700)
let sockets = 0

function newSocket(): string {
  sockets += 1
  if (socketFolder) return path.join(socketFolder, `bench-${sockets}`)
  return `\\\\.\\pipe\\medulla-${process.pid}-${sockets}-${crypto.randomUUID()}`
}

const supervisor = new BenchSupervisor({ start: startBench, newSocket, onState: showState })

/** Only a bench that cannot open at all takes the page's place: through a crash the page stays and reconnects. */
function showState(state: BenchState): void {
  if (state.kind === 'failed') window?.webContents.reload()
}

async function answer(request: Request): Promise<Response> {
  const url = new URL(request.url)
  if (url.host !== 'app') return new Response('Not found', { status: 404 })
  if (!isBenchPath(url.pathname)) {
    const isPage = url.pathname === '/' || url.pathname === '/index.html'
    if (isPage) await supervisor.ready(BENCH_WAIT_MS)
    const { state } = supervisor
    return isPage && state.kind === 'failed' ? problemPage(state.problem) : serveStatic(rendererFolder, request)
  }
  return (await askBench(request)) ?? new Response('The bench does not answer.', { status: 503 })
}

/** null: the bench does not answer. */
async function askBench(request: Request): Promise<Response | null> {
  // What only reads may be asked again of the bench that takes the place of one that just crashed.
  const attempts = request.method === 'GET' ? 2 : 1
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const socket = await supervisor.ready(BENCH_WAIT_MS)
    if (!socket) return null
    try {
      return await socketFetch(socket, request)
    } catch {
      // The end of a process is told a moment after its connections break.
      await new Promise((resolve) => setTimeout(resolve, CRASH_NOTICE_MS))
    }
  }
  return null
}

function openWindow(): void {
  const screens = screen.getAllDisplays().map((display) => display.workArea)
  const state = readWindowState(windowStateFile, screens)
  const created = new BrowserWindow({
    width: 1440,
    height: 900,
    ...state.bounds,
    minWidth: 800,
    minHeight: 500,
    show: false,
    backgroundColor: '#1c1d1f',
    webPreferences: {
      preload: path.join(outFolder, 'preload', 'index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      additionalArguments: [`--medulla-user=${encodeURIComponent(userName())}`],
    },
  })
  window = created
  if (state.maximized) created.maximize()
  created.once('ready-to-show', () => created.show())
  created.on('close', () => {
    writeWindowState(windowStateFile, { bounds: created.getNormalBounds(), maximized: created.isMaximized() })
  })
  // The page holds its window while corrections are on their way to the bench; a bench that is stuck must not hold it for good.
  created.webContents.on('will-prevent-unload', (event) => {
    const answer = dialog.showMessageBoxSync(created, {
      type: 'warning',
      message: 'Corrections are still on their way to the bench.',
      detail: 'Closed now, those that it has not answered are lost.',
      buttons: ['Wait', 'Close'],
      defaultId: 0,
      cancelId: 0,
    })
    if (answer === 1) event.preventDefault()
  })
  created.on('closed', () => {
    window = null
  })
  void created.loadURL(HOME)
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // An account without an entry in the user database, as in some containers.
    return ''
  }
}

/** The window shows Medulla's own pages and never leads elsewhere; nothing it asks of the platform is granted. */
function lockDown(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.on('will-navigate', (event, url) => {
      event.preventDefault()
      if (url === new URL(RETRY_PATH, HOME).href) {
        supervisor.start()
        void contents.loadURL(HOME)
      }
    })
  })
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, callback) => callback(false))
  session.defaultSession.setPermissionCheckHandler(() => false)
}

function answerPage(): void {
  const fromPage = (event: IpcMainInvokeEvent) => event.senderFrame?.url.startsWith(HOME) === true
  ipcMain.handle('choose-folder', async (event) => {
    if (!fromPage(event) || !window) return null
    const { canceled, filePaths } = await dialog.showOpenDialog(window, {
      title: 'Folder of fields of view',
      properties: ['openDirectory'],
    })
    return canceled ? null : filePaths[0]
  })
  ipcMain.handle('choose-model', async (event, kind: unknown) => {
    if (!fromPage(event) || !window) return null
    const { canceled, filePaths } = await dialog.showOpenDialog(window, {
      title: 'Model package',
      ...(kind === 'zip'
        ? { properties: ['openFile'], filters: [{ name: 'Model packages', extensions: ['zip'] }] }
        : { properties: ['openDirectory'] }),
    })
    return canceled ? null : filePaths[0]
  })
  ipcMain.handle('reveal-in-folder', (event, file: unknown) => {
    if (fromPage(event) && typeof file === 'string' && path.isAbsolute(file)) shell.showItemInFolder(file)
  })
}

function buildMenu(): Menu {
  const act = (label: string, action: MenuAction, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    accelerator,
    click: () => window?.webContents.send('menu', action),
  })
  const isMac = process.platform === 'darwin'
  return Menu.buildFromTemplate([
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: 'File',
      submenu: [
        act('Scan…', 'scan', 'CmdOrCtrl+N'),
        act('Models…', 'models'),
        { label: 'Show Data Folder', click: () => void shell.openPath(dataFolder) },
        { type: 'separator' },
        isMac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        act('Map of the Cells', 'map'),
        { type: 'separator' },
        { role: 'reload' },
        { role: 'toggleDevTools' },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
    { role: 'help', submenu: [act('Keyboard Shortcuts', 'shortcuts'), { role: 'about' }] },
  ])
}

async function start(): Promise<void> {
  await app.whenReady()
  lockDown()
  protocol.handle(SCHEME, answer)
  answerPage()
  Menu.setApplicationMenu(buildMenu())
  supervisor.start()
  openWindow()
  app.on('activate', () => {
    if (!window) openWindow()
  })
}

protocol.registerSchemesAsPrivileged([
  { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
])
mkdirSync(windowFolder, { recursive: true })
app.setPath('userData', windowFolder)

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', () => {
    if (window?.isMinimized()) window.restore()
    window?.focus()
  })
  app.on('window-all-closed', () => app.quit())
  app.on('before-quit', (event) => {
    if (quitting) return
    // The bench finishes the field in work and closes its database; then the window's process may go.
    event.preventDefault()
    quitting = true
    void supervisor.stop().finally(() => {
      if (socketFolder) rmSync(socketFolder, { recursive: true, force: true })
      app.quit()
    })
  })
  start().catch((error: unknown) => {
    dialog.showErrorBox('Medulla could not start', error instanceof Error ? error.message : String(error))
    app.exit(1)
  })
} else {
  app.quit()
}
