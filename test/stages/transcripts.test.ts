import { describe, expect, it } from 'vitest'
import { createProtocol } from '../../src/main/microscope/stage/drivers/index.ts'
import { SIMULATED_OPTIONS } from '../../src/main/microscope/stage/firmware/index.ts'
import type { Exchange } from '../../src/main/microscope/stage/line/exchange.ts'
import type { StageProtocol } from '../../src/main/microscope/stage/protocol.ts'
import type { StageDriver } from '../../src/shared/contract/rig.ts'

/**
 * What goes over the wire, byte for byte, as the sources have it: `sent` by Medulla, `answered` by the controller, and what Medulla makes
 * of it. The sources are named in each driver's own file and beside the lines that come from one place.
 */
interface Line {
  readonly exchange: (protocol: StageProtocol) => Exchange<unknown>
  readonly sent: string
  readonly answered: string
  /** The value, or `refused: words`. */
  readonly means: unknown
}

const at = { x: 0, y: 0, z: 0 }
const position = (p: StageProtocol) => p.position()[0]
const busy = (p: StageProtocol) => p.busy()[0]
const witness = (p: StageProtocol) => p.witness!.read

const TRANSCRIPTS: Readonly<Record<StageDriver, readonly Line[]>> = {
  asi: [
    // Micro-Manager, ASIBase.cpp: ":A Version: USB-9.2p \r\n".
    {
      exchange: (p) => p.identify,
      sent: 'VERSION\r',
      answered: ':A Version: USB-9.2p \r\n',
      means: 'ASI MS-2000, Version: USB-9.2p',
    },
    // asiimaging.com/docs/commands/version: firmware 9.50 and later has no letter, and a Tiger answers in another way.
    {
      exchange: (p) => p.identify,
      sent: 'VERSION\r',
      answered: ':A Version: USB-9.52\r\n',
      means: 'ASI MS-2000, Version: USB-9.52',
    },
    { exchange: (p) => p.identify, sent: 'VERSION\r', answered: ':A v3.45\r\n', means: 'ASI Tiger, v3.45' },
    { exchange: position, sent: 'W X Y Z\r', answered: ':A 10000 -2000 35 \r\n', means: { x: 1000, y: -200, z: 3.5 } },
    // ASI, Quick Start: M X=10000 goes to 1 mm.
    { exchange: (p) => p.move({ x: 1000 }, at)[0], sent: 'M X=10000\r', answered: ':A\r\n', means: undefined },
    {
      exchange: (p) => p.move({ x: -200, y: -200, z: 0 }, at)[0],
      sent: 'M X=-2000 Y=-2000 Z=0\r',
      answered: ':N-4\r\n',
      means: 'refused: the value is out of its range or limits',
    },
    { exchange: busy, sent: '/\r', answered: 'B\r\n', means: true },
    { exchange: busy, sent: '/\r', answered: 'N\r\n', means: false },
    // ASIXYStage.cpp, Stop: -21 is success.
    { exchange: (p) => p.halt![0], sent: 'HALT\r', answered: ':N-21\r\n', means: undefined },
    { exchange: (p) => p.home(['x', 'y'])![0], sent: '! X Y\r', answered: ':A\r\n', means: undefined },
    { exchange: witness, sent: 'S X?\r', answered: ':A X=5.745920\r\n', means: 'X=5.745920' },
  ],
  prior: [
    // python-microscope: the description begins with its name and ends with END; the lines between as the manual has them (4.2).
    {
      exchange: (p) => p.identify,
      sent: '?\r',
      answered:
        'PROSCAN INFORMATION\rDSP_1 IS 3-AXIS STEPPER VERSION 0.0\rDRIVE CHIPS 000111\rJOYSTICK ACTIVE\rSTAGE = H101/2\rFOCUS = NORMAL\rEND\r',
      means: 'Prior ProScan, stage H101/2',
    },
    // Steps are 1 um on the stage and 0.1 um on the focus drive unless RES says otherwise (4.1).
    { exchange: position, sent: 'P\r', answered: '100,-200,35\r', means: { x: 100, y: -200, z: 3.5 } },
    { exchange: busy, sent: '$\r', answered: '4\r', means: true },
    { exchange: busy, sent: '$\r', answered: '0\r', means: false },
    // Bits above the three axes are no motion.
    { exchange: busy, sent: '$\r', answered: '8\r', means: false },
    {
      exchange: (p) => p.move({ x: 100, y: 200, z: 3 }, at)[0],
      sent: 'G,100,200,30\r',
      answered: '',
      means: undefined,
    },
    { exchange: (p) => p.move({ x: 100 }, { x: 0, y: 7, z: 3 })[0], sent: 'G,100,7\r', answered: '', means: undefined },
    { exchange: (p) => p.move({ z: 3 }, at)[0], sent: 'GZ,30\r', answered: '', means: undefined },
    { exchange: (p) => p.halt![0], sent: 'I\r', answered: 'R\r', means: undefined },
    { exchange: (p) => p.home(['x', 'y'])![0], sent: 'SIS\r', answered: 'R\r', means: undefined },
    { exchange: witness, sent: 'SCS\r', answered: '100\r', means: '100' },
    // 4.13, and the other spelling that 4.1 has.
    { exchange: witness, sent: 'SCS\r', answered: 'E,4\r', means: 'refused: it could not read the command' },
    { exchange: busy, sent: '$\r', answered: 'E18\r', means: 'refused: its queue is full' },
  ],
  tango: [
    {
      exchange: (p) => p.identify,
      sent: '?version\r',
      answered: 'TANGO-DESKTOP, Version 1.66, Mar 11 2016, 13:51:17\r',
      means: 'TANGO-DESKTOP, Version 1.66, Mar 11 2016, 13:51:17',
    },
    { exchange: position, sent: '?pos\r', answered: '2.100 4.200 -0.500\r', means: { x: 2.1, y: 4.2, z: -0.5 } },
    // comet: "@@M-." is moving, "@@@-." is not.
    { exchange: busy, sent: '?statusaxis\r', answered: '@@M-.\r', means: true },
    { exchange: busy, sent: '?statusaxis\r', answered: '@@@-.\r', means: false },
    {
      exchange: (p) => p.move({ x: 1, y: 2.5, z: 7 }, at)[0],
      sent: '!moa 1.00 2.50 7.00\r?err\r',
      answered: '0\r',
      means: undefined,
    },
    {
      exchange: (p) => p.move({ x: 1 }, at)[0],
      sent: '!moa 1.00 0.00\r?err\r',
      answered: '32\r',
      means: 'refused: the target lies outside its limits',
    },
    // Marzhauser.cpp, ZStage: the axis by its name.
    { exchange: (p) => p.move({ z: 7 }, at)[0], sent: '!moa z 7.00\r?err\r', answered: '0\r', means: undefined },
    { exchange: (p) => p.halt![0], sent: '!a\r?err\r', answered: '0\r', means: undefined },
    { exchange: (p) => p.home(['z'])![0], sent: '!cal z\r?err\r', answered: '0\r', means: undefined },
  ],
  zaber: [
    {
      exchange: (p) => p.identify,
      sent: '/1 0 get deviceid\n',
      answered: '@01 0 OK IDLE WR 30342\r\n',
      means: 'Zaber, device 30342',
    },
    { exchange: position, sent: '/1 1 get pos\n', answered: '@01 1 OK IDLE -- 20000\r\n', means: { x: 2000 } },
    // With a checksum that does not fit.
    { exchange: position, sent: '/1 1 get pos\n', answered: '@01 1 OK IDLE -- 20000:00\r\n', means: 'foreign' },
    // zaber.serial, test suite.
    { exchange: (p) => p.home(['x'])![0], sent: '/1 1 home\n', answered: '@01 1 OK BUSY WR 0\r\n', means: undefined },
    {
      exchange: (p) => p.move({ x: 5 }, at)[0],
      sent: '/1 1 move abs 50\n',
      answered: '@01 1 RJ IDLE -- BADDATA\r\n',
      means: 'refused: the value is out of its range or limits',
    },
    { exchange: busy, sent: '/1\n', answered: '@01 0 OK BUSY -- 0\r\n', means: true },
    { exchange: busy, sent: '/1\n', answered: '@01 0 OK IDLE FS 0\r\n', means: 'refused: it reports the fault FS' },
    // Micro-Manager, Zaber/XYStage.cpp, OnSpeed: 1.6384 times the microsteps a second, of 0.1 um here.
    {
      exchange: (p) => p.speed({ xyMmPerS: 5, zMmPerS: 1 })[0],
      sent: '/1 1 set maxspeed 81920\n',
      answered: '@01 1 OK IDLE -- 0\r\n',
      means: undefined,
    },
    { exchange: (p) => p.halt![0], sent: '/1 0 stop\n', answered: '@01 0 OK BUSY -- 0\r\n', means: undefined },
  ],
  grbl: [
    // gnea/grbl, interface documentation and common builds.
    {
      exchange: (p) => p.identify,
      sent: '$I\n',
      answered: '[VER:1.1h.20190830:]\r\n[OPT:V,15,128]\r\nok\r\n',
      means: 'GRBL 1.1h.20190830',
    },
    {
      exchange: position,
      sent: '?',
      answered: '<Idle|MPos:1.000,-2.500,0.035|FS:0,0>\r\n',
      means: { x: 1000, y: -2500, z: 35 },
    },
    { exchange: busy, sent: '?', answered: '<Jog|MPos:0.000,0.000,0.000|FS:600,0|Ov:100,100,100>\r\n', means: true },
    { exchange: busy, sent: '?', answered: '<Hold:1|MPos:0.000,0.000,0.000|FS:0,0>\r\n', means: true },
    {
      exchange: busy,
      sent: '?',
      answered: '<Alarm|MPos:0.000,0.000,0.000|FS:0,0>\r\n',
      means: 'refused: it is locked after an alarm or reset: home the stage',
    },
    { exchange: (p) => p.move({ x: 1000 }, at)[0], sent: '$J=G53G90G21X1.000F60.0\n', answered: 'ok\r\n', means: true },
    {
      exchange: (p) => p.move({ x: 1000 }, at)[0],
      sent: '$J=G53G90G21X1.000F60.0\n',
      answered: 'error:15\r\n',
      means: 'refused: the target lies outside its travel',
    },
    { exchange: (p) => p.halt![0], sent: '\x85', answered: '', means: undefined },
    { exchange: (p) => p.home(['x', 'y'])![0], sent: '$H\n', answered: 'ok\r\n', means: true },
    { exchange: witness, sent: '$G\n', answered: '[GC:G0 G54 G17 G21 G90 G94 M5 M9 T27 F0 S0]\r\nok\r\n', means: '27' },
  ],
  marlin: [
    {
      exchange: (p) => p.identify,
      sent: 'M115\n',
      answered: 'FIRMWARE_NAME:Marlin 2.1.2 (Nov 23 2026) SOURCE_CODE_URL:x\nCap:EEPROM:1\nok\n',
      means: 'Marlin 2.1.2',
    },
    // A host's log of M114: planned position, then the steps made, at 80 steps a millimetre.
    {
      exchange: position,
      sent: 'M114\n',
      answered: 'X:205.00 Y:5.00 Z:0.50 E:0.00 Count X:16400 Y:400 Z:200\nok\n',
      means: { x: 205_000, y: 5000, z: 500 },
    },
    { exchange: busy, sent: 'M400\n', answered: 'echo:busy: processing\necho:busy: processing\nok\n', means: false },
    {
      exchange: (p) => p.move({ x: 1000 }, at)[0],
      sent: 'G0 X1.0000 F60.0\n',
      answered: 'ok N49 P15 B3\n',
      means: true,
    },
    {
      exchange: (p) => p.home(['z'])![0],
      sent: 'G28 Z\n',
      answered: 'echo:Unknown command: "G28 Z"\nok\n',
      means: 'refused: Unknown command: "G28 Z"',
    },
    { exchange: witness, sent: 'M220\n', answered: 'FR:98%\nok\n', means: '98' },
  ],
  sangaboard: [
    {
      exchange: (p) => p.identify,
      sent: 'dt?\nversion\n',
      answered: 'minimum step delay 1000\r\nSangaboard Firmware v0.4\r\n',
      means: 'Sangaboard Firmware v0.4',
    },
    { exchange: position, sent: 'p?\n', answered: '100 -200 300\r\n', means: { x: 10, y: -20, z: 15 } },
    {
      exchange: (p) => p.move({ x: 10, z: 5 }, at)[0],
      sent: 'mr 100 0 100\n',
      answered: 'done.\r\n',
      means: undefined,
    },
    {
      exchange: (p) => p.move({ x: 10 }, { x: 4, y: 0, z: 0 })[0],
      sent: 'mr 60 0 0\n',
      answered: 'done\r\n',
      means: undefined,
    },
  ],
  ludl: [
    {
      exchange: (p) => p.identify,
      sent: '\xff\x41VER\r',
      answered: 'Version 5.0.1 MAC 5000\n:A\n',
      means: 'Ludl Version 5.0.1 MAC 5000',
    },
    // Ludl.cpp: WHERE X Y -> :A x y; STATUS X -> one character; MOVE X= Y=.
    { exchange: position, sent: 'WHERE X Y Z\r', answered: ':A 1000 -2000 35\n', means: { x: 100, y: -200, z: 3.5 } },
    { exchange: busy, sent: 'STATUS X\r', answered: 'B', means: true },
    { exchange: busy, sent: 'STATUS X\r', answered: 'N', means: false },
    {
      exchange: (p) => p.move({ x: 100, y: 20 }, at)[0],
      sent: 'MOVE X=1000 Y=200\r',
      answered: ':A\n',
      means: undefined,
    },
    {
      exchange: (p) => p.move({ x: 100, y: 20 }, at)[0],
      sent: 'MOVE X=1000 Y=200\r',
      answered: ':N -2\n',
      means: 'refused: it has no such axis',
    },
    // Answers once it has arrived.
    { exchange: (p) => p.home(['x', 'y'])![0], sent: 'HOME X Y\r', answered: ':A\n', means: undefined },
    // OnSpeed: pulses a second, 0.1 um each, 85 at least.
    {
      exchange: (p) => p.speed({ xyMmPerS: 2.5, zMmPerS: 0.001 })[0],
      sent: 'SPEED X=25000 Y=25000 Z=85\r',
      answered: ':A\n',
      means: undefined,
    },
    // OnAccel.
    { exchange: witness, sent: 'ACCEL X Y\r', answered: ':A 87 87\n', means: '87 87' },
    { exchange: (p) => p.halt![0], sent: 'HALT\r', answered: ':A\n', means: undefined },
  ],
  uc2: [
    {
      exchange: (p) => p.identify,
      sent: '{"task":"/state_get","qid":1}\n',
      answered:
        '++\r\n{"state":{"identifier_name":"UC2_Feather","identifier_id":"V2.0","identifier_author":"BD"},"qid":1}\r\n--\r\n',
      means: 'UC2_Feather V2.0',
    },
    {
      exchange: (p) => p.move({ x: 312.5 }, at)[0],
      sent: '{"task":"/motor_act","motor":{"steppers":[{"stepperid":1,"position":1000,"speed":3200,"isabs":1}]},"qid":1}\n',
      answered: '++\r\n{"steppers":[{"stepperid":1,"isDone":0}],"qid":1}\r\n--\r\n',
      means: true,
    },
    {
      exchange: position,
      sent: '{"task":"/motor_get","qid":1}\n',
      // An older move tells that it is done; then the answer.
      answered:
        '++\r\n{"qid":0,"state":"done"}\r\n--\r\n++\r\n{"motor":{"steppers":[{"stepperid":0,"position":0},{"stepperid":1,"position":1000},{"stepperid":2,"position":-20},{"stepperid":3,"position":8}]},"qid":1}\r\n--\r\n',
      means: { x: 312.5, y: -6.25, z: 2.5 },
    },
  ],
}

/** The lines of an answer given to the exchange one by one, framed as the session frames them. */
function meaning(exchange: Exchange<unknown>, answered: string): unknown {
  if (exchange.begin === null) return undefined
  const take = exchange.begin()
  const lines = exchange.unterminated ? [...answered] : answered.split(/[\r\n]+/).map((line) => line.trim())
  for (const line of lines.filter((each) => each !== '')) {
    const reading = take(line)
    if (reading.kind === 'done') return reading.value
    if (reading.kind === 'refused') return `refused: ${reading.words}`
    if (reading.kind === 'foreign') return 'foreign'
  }
  return 'nothing yet'
}

describe.each(Object.entries(TRANSCRIPTS))('%s on the wire', (driver, lines) => {
  it.each(lines)('$sent', ({ exchange, sent, answered, means }) => {
    const protocol = createProtocol(driver as StageDriver, SIMULATED_OPTIONS[driver as StageDriver])
    protocol.speed({ xyMmPerS: 1, zMmPerS: 1 })
    const made = exchange(protocol)
    expect(made.send).toBe(sent)
    expect(meaning(made, answered)).toEqual(means)
  })
})
