import type { RealCamera } from '../../../../shared/contract/camera.ts'
import type { Camera } from '../camera.ts'
import { openAravisCamera } from './aravis/aravis-camera.ts'
import { openFfmpegCamera } from './ffmpeg/ffmpeg-camera.ts'
import { openFolderCamera } from './folder/folder-camera.ts'

/** The camera that a rig file describes, once it can be captured from. Rejects `device-failed`, `device-taken`, `invalid-input`. */
export function openCamera(camera: RealCamera): Promise<Camera> {
  switch (camera.kind) {
    case 'ffmpeg':
      return openFfmpegCamera(camera)
    case 'aravis':
      return openAravisCamera(camera)
    case 'folder':
      return openFolderCamera(camera)
  }
}
