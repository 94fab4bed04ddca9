import type { FrameView } from '../../../shared/contract/microscope.ts'
import { histogramPath } from './histogram-path.ts'

const HEIGHT_PX = 40
/** More than this share at the end of the scale: what is stained there cannot be told any more. */
const SATURATED_SHARE = 0.002

/** How bright the newest frame is, channel by channel, and whether something is lost at the bright end. */
export function Histogram({ frame }: { readonly frame: FrameView }) {
  const { histogram, saturatedShare } = frame
  const fullest = Math.max(...histogram.red, ...histogram.green, ...histogram.blue)
  const saturated = saturatedShare > SATURATED_SHARE
  const percent = (100 * saturatedShare).toFixed(saturatedShare < 0.01 ? 2 : 1)
  return (
    <div className="histogram" data-testid="histogram">
      <svg viewBox={`0 0 63 ${HEIGHT_PX}`} preserveAspectRatio="none" role="img" aria-label="Brightness of the frame">
        {(['red', 'green', 'blue'] as const).map((channel) => (
          <path key={channel} className={channel} d={histogramPath(histogram[channel], fullest, HEIGHT_PX)} />
        ))}
      </svg>
      <p className={saturated ? 'saturated' : 'muted'} data-testid="saturation">
        {saturated
          ? `▲ ${percent} % of the pixels are saturated: expose shorter, or dim the lamp.`
          : `Brightness, dark to bright; ${percent} % saturated.`}
      </p>
    </div>
  )
}
