import { useEffect, useRef, useState } from 'react'
import { liveUrl } from '../../app/bench.ts'

/** The newest frame that is decoded; one is fetched at a time, so a slow bench is not asked faster than it answers. */
export function useLivePicture(frame: number | null): string | null {
  const [picture, setPicture] = useState<string | null>(null)
  const loading = useRef(false)
  const wanted = useRef<number | null>(null)
  useEffect(() => {
    wanted.current = frame
    if (frame === null) {
      setPicture(null)
      return
    }
    if (loading.current) return
    const load = async (): Promise<void> => {
      loading.current = true
      for (let loaded: number | null = null; wanted.current !== null && wanted.current !== loaded; ) {
        loaded = wanted.current
        const image = new Image()
        image.src = liveUrl(loaded)
        try {
          await image.decode()
          if (wanted.current !== null) setPicture(image.src)
        } catch {
          // A frame may be gone before it is fetched; the next one comes.
        }
      }
      loading.current = false
    }
    void load()
  }, [frame])
  return picture
}
