import type { Panel, Row } from './panels.ts'

/** Grafana's grid has 24 columns; two panels stand side by side. */
const [panelWidth, panelHeight] = [12, 7]
const datasource = { type: 'prometheus', uid: '${datasource}' }

/** The dashboard as Grafana reads it. IDENTITY, NAMESPACE and RELEASE are replaced by the chart. */
export function dashboardJson(rows: readonly Row[]): string {
  const dashboard = {
    uid: 'evenkeel-IDENTITY',
    title: 'Evenkeel: NAMESPACE/RELEASE',
    tags: ['evenkeel', 'grpc'],
    schemaVersion: 39,
    editable: true,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    graphTooltip: 1,
    templating: { list: [{ name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' }] },
    panels: laidOut(rows),
  }
  return `${JSON.stringify(dashboard, null, 2)}\n`
}

function laidOut(rows: readonly Row[]): object[] {
  let y = 0
  const panels: object[] = []
  for (const { title, panels: ofRow } of rows) {
    panels.push({ id: panels.length + 1, type: 'row', title, gridPos: { x: 0, y, w: 24, h: 1 } })
    y += 1
    ofRow.forEach((panel, index) => {
      const place = { x: (index % 2) * panelWidth, y: y + Math.floor(index / 2) * panelHeight }
      panels.push({ id: panels.length + 1, ...graph(panel), gridPos: { ...place, w: panelWidth, h: panelHeight } })
    })
    y += Math.ceil(ofRow.length / 2) * panelHeight
  }
  return panels
}

function graph({ title, about, unit, queries }: Panel): object {
  return {
    type: 'timeseries',
    title,
    description: about,
    datasource,
    fieldConfig: { defaults: { unit, min: 0, custom: { fillOpacity: 5, showPoints: 'never' } }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: Object.entries(queries).map(([legendFormat, expr], index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource,
      expr,
      legendFormat,
    })),
  }
}
