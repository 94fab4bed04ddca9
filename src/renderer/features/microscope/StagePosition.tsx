import type { MicroscopeView } from '../../../shared/contract/microscope.ts'
import { micrometres, millimetres } from '../../ui/format.ts'

/** Where the stage is; a dash where that is not known. */
export function StagePosition({ position }: { readonly position: NonNullable<MicroscopeView['stage']>['position'] }) {
  return (
    <dl className="stage-position" data-testid="stage-position">
      <dt>x</dt>
      <dd>{position ? `${millimetres(position.xUm)} mm` : '–'}</dd>
      <dt>y</dt>
      <dd>{position ? `${millimetres(position.yUm)} mm` : '–'}</dd>
      <dt>z</dt>
      <dd>{position ? `${micrometres(position.zUm)} µm` : '–'}</dd>
    </dl>
  )
}
