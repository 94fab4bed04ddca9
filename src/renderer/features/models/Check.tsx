import type { StoredModel, Verification, VerifiedSet } from '../../../shared/contract/models.ts'
import { Icon } from '../../ui/Icon.tsx'
import { refOf, stopVerifying, useShelf } from './model-shelf.ts'

/** How far the check of a package is, or what it found. */
export function Check({ model }: { readonly model: StoredModel }) {
  const check = useShelf((state) => state.checks.get(refOf(model)))
  if (!check) return null
  if (check.state === 'failed')
    return (
      <p role="alert" className="models-problem">
        <b>{check.problem.message}</b> {check.problem.remedy}
      </p>
    )
  if (check.state === 'working')
    return (
      <p className="checking" role="status">
        {check.activity}
        {check.of > 0 && `: ${check.done} of ${check.of} images`}
        <button type="button" onClick={stopVerifying}>
          <Icon name="stop" /> Stop
        </button>
      </p>
    )
  return <Report verification={check.verification} testId={`verified-${refOf(model)}`} />
}

function Report({ verification, testId }: { readonly verification: Verification; readonly testId: string }) {
  const { graphs, sets, holds } = verification
  const measured = sets.filter((set) => set.measured !== null).length
  return (
    <div className="verification" data-testid={testId} data-holds={holds}>
      <p>
        <b>{holds ? '✓ What was checked is as the package says.' : '✗ It is not what the package says.'}</b>{' '}
        {sets.length > 0 && `${measured} of ${sets.length} stated figures measured again.`}
      </p>
      <ul>
        {graphs.map((graph) => (
          <li key={graph.variant}>
            {graph.variant === 'int8' ? '8 bit graph' : 'graph'}: hash {graph.sha256.slice(0, 12)}… is the manifest's;{' '}
            {graph.testCrops === null
              ? 'no test crops in the package'
              : `${graph.testCrops} test crops differ by at most ${graph.difference?.toExponential(1)} (allowed ${graph.tolerance})`}
          </li>
        ))}
      </ul>
      {sets.length > 0 && (
        <table className="figures">
          <thead>
            <tr>
              <th scope="col">set</th>
              <th scope="col">n</th>
              <th scope="col">balanced accuracy, stated</th>
              <th scope="col">measured</th>
              <th scope="col">allowed</th>
              <th scope="col" />
            </tr>
          </thead>
          <tbody>
            {sets.map((set) => (
              <SetRow key={`${set.stated.set} ${set.stated.variant}`} set={set} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}

const points = (share: number): string => `${(share * 100).toFixed(1)} %`

function SetRow({ set: { stated, measured, holds } }: { readonly set: VerifiedSet }) {
  return (
    <tr>
      <th scope="row">
        {stated.set}
        {stated.variant === 'int8' && ', 8 bit'}
      </th>
      <td>{measured?.n ?? stated.n}</td>
      <td>{points(stated.balancedAccuracy)}</td>
      <td>{measured ? points(measured.balancedAccuracy) : 'images not there'}</td>
      <td>± {(stated.tolerance * 100).toFixed(1)}</td>
      <td>{holds === null ? 'not measured' : holds ? '✓ holds' : '✗ does not hold'}</td>
    </tr>
  )
}
