import { describe, expect, it } from 'vitest'
import { aravisCamera } from '../../../../../shared/contract/camera.ts'
import { NO_CONTROLS } from '../../camera.ts'
import { aravisArguments } from './aravis-arguments.ts'
import { controlsFrom } from './aravis-controls.ts'
import { parseCameras, parseFeatures } from './arv-tool.ts'
import { GstError, GstReader } from './gst-reader.ts'

const line = (bytes: number, pts: string) =>
  `/GstPipeline:pipeline0/GstIdentity:identity0: last-message = chain   ******* (identity0:sink) (${bytes} bytes, dts: none, pts: ${pts}, duration: 0:00:00.040000000, offset: -1, offset_end: -1, flags: 00000000 , meta: none) 0x55dbddb616c0\n`

describe('what gst-launch sends', () => {
  const read = (width = 4) => {
    const got: { data: number[]; stampMs: number }[] = []
    const reader = new GstReader(width, 2, (data, stampMs) => got.push({ data: [...data], stampMs }))
    return { got, reader }
  }

  it('is put together from bytes and lines, in whichever order and pieces they come', () => {
    const { got, reader } = read()
    reader.pushText('Setting pipeline to PAUSED ...\n')
    reader.pushText(line(8, '0:00:03.669053004').slice(0, 60))
    reader.pushData(Uint8Array.of(1, 2, 3))
    reader.pushText(line(8, '0:00:03.669053004').slice(60))
    expect(got).toEqual([])
    reader.pushData(Uint8Array.of(4, 5, 6, 7, 8, 9, 9, 9))
    expect(got).toEqual([{ data: [1, 2, 3, 4, 5, 6, 7, 8], stampMs: 3669.053004 }])
    reader.pushData(Uint8Array.of(9, 9, 9, 9, 9))
    reader.pushData(Uint8Array.of(7, 7, 7, 7, 7, 7, 7, 7))
    reader.pushText(line(8, '1:02:00.5') + line(8, '1:02:00.6'))
    expect(got.slice(1).map(({ data, stampMs }) => [data[0], stampMs])).toEqual([
      [9, 3_720_500],
      [7, 3_720_600],
    ])
  })

  it('has rows that begin at multiples of four bytes', () => {
    const { got, reader } = read(3)
    reader.pushText(line(8, '0:00:01.0'))
    reader.pushData(Uint8Array.of(1, 2, 3, 0, 4, 5, 6, 0))
    expect(got).toEqual([{ data: [1, 2, 3, 4, 5, 6], stampMs: 1000 }])
  })

  it('is refused where frames have another size, or no time', () => {
    expect(() => read().reader.pushText(line(12, '0:00:01.0'))).toThrow(GstError)
    expect(() => read().reader.pushText(line(8, 'none'))).toThrow(GstError)
    const { reader } = read()
    expect(() => {
      for (let i = 0; i < 100; i++) reader.pushData(new Uint8Array(8))
    }).toThrow(GstError)
  })
})

describe('arv-tool', () => {
  it('names network cameras with their address and USB cameras without', () => {
    expect(parseCameras('Aravis-Fake-GV01 (127.0.0.1)\nThe Imaging Source-DFK 33UX264-12345678\n')).toEqual([
      { name: 'Aravis-Fake-GV01', address: '127.0.0.1' },
      { name: 'The Imaging Source-DFK 33UX264-12345678', address: null },
    ])
    expect(parseCameras('No device found\n')).toEqual([])
  })

  it('says what can be set', () => {
    const features = parseFeatures(
      "ExposureTimeAbs = 10000 min:10 max:1e+07\nFeature 'Gain' not found\nGainRaw = 0 min:0 max:10\nPixelFormat = Mono8\n",
    )
    expect(controlsFrom(features)).toEqual({
      controls: {
        ...NO_CONTROLS,
        exposureMs: { min: 0.01, max: 10_000, step: null },
        gain: { min: 0, max: 10, step: null },
      },
      values: { ...NO_CONTROLS, exposureMs: 10, gain: 0 },
    })
  })
})

describe('the rig file', () => {
  const base = { kind: 'aravis', widthPx: 64, heightPx: 48, framesPerS: 25 } as const

  it('becomes a pipeline', () => {
    const camera = aravisCamera.parse({
      ...base,
      camera: 'Basler-acA1920-40gc-21944233',
      pixelFormat: 'bayer-rg8',
      framesPerS: 12.5,
      packetSizeBytes: 9000,
      features: { TriggerMode: 'Off', GainAuto: 'Off' },
    })
    const args = aravisArguments(camera, { ...NO_CONTROLS, exposureMs: 4, redRatio: 1.5 })
    expect(args.join(' ')).toBe(
      '-v aravissrc num-arv-buffers=10 camera-name=Basler-acA1920-40gc-21944233 packet-size=9000 exposure-auto=off exposure=4000 ' +
        'features=TriggerMode=Off GainAuto=Off BalanceRatioSelector=Red BalanceRatio=1.5 ! ' +
        'video/x-bayer,format=rggb,width=64,height=48,framerate=12500/1000 ! identity silent=false ! fdsink fd=3 sync=false',
    )
  })

  it.each([
    { camera: 'x ! filesink location=/etc/passwd' },
    { camera: 'a"b' },
    { features: { 'A=1 B': 2 } },
    { features: { Width: '1 ! fakesink' } },
  ])('cannot bring in elements of its own: %j', (part) => {
    expect(aravisCamera.safeParse({ ...base, ...part }).success).toBe(false)
  })
})
