namespace Altiplano.Cli.Plans.Page;

/// <summary>What the page of a plan adds to the looks of our pages.</summary>
internal static class PlanStyle
{
    public const string Css = """
        :root { --blue: #0b6cab; --sky: #56b4e9; --ice: #a9cfe8; --navy: #123f63; --slate: #6d7d90; --rust: #d55e00; --amber: #e69f00;
          --sand: #efd06f; --brick: #9c4513; --peach: #f0915a; --grey: #8d939b; --mist: #c6cacf; --green: #009e73; --purple: #c070a4; --warn: #b3261e; }
        @media (prefers-color-scheme: dark) { :root { --blue: #3d93d6; --sky: #7cc8f5; --ice: #b9d9ee; --navy: #5b83ab; --slate: #8494a8;
          --rust: #e8722a; --amber: #f0b429; --sand: #f3dc8f; --brick: #b8633a; --peach: #f6a878; --grey: #7f868f; --mist: #565c65;
          --green: #22b48c; --purple: #d48dbb; --warn: #ff8a80; } }
        .c-blue { --k: var(--blue); } .c-sky { --k: var(--sky); } .c-ice { --k: var(--ice); } .c-navy { --k: var(--navy); } .c-slate { --k: var(--slate); }
        .c-rust { --k: var(--rust); } .c-amber { --k: var(--amber); } .c-sand { --k: var(--sand); } .c-brick { --k: var(--brick); }
        .c-peach { --k: var(--peach); } .c-grey { --k: var(--grey); } .c-mist { --k: var(--mist); } .c-green { --k: var(--green); } .c-purple { --k: var(--purple); }
        h2 { margin-top: 44px; } h2 small { font-weight: 400; font-size: 13.5px; color: var(--soft); letter-spacing: 0; margin-left: 8px; }
        .lead { font-size: 15px; margin: 14px 0 0; overflow-wrap: anywhere; } .lead code { font: 600 14px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
        .note { border-left: 3px solid var(--amber); padding: 2px 0 2px 12px; margin: 12px 0 0; font-size: 13.5px; color: var(--soft); }
        p.say { margin: 0 0 12px; font-size: 13.5px; color: var(--soft); max-width: 84ch; }
        .tiles small { display: block; color: var(--soft); font-size: 12.5px; margin-top: 1px; }
        .card { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 14px 16px; margin-bottom: 12px; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
        th { text-align: right; color: var(--soft); font-weight: 400; padding: 4px 0 6px 16px; white-space: nowrap; vertical-align: bottom; }
        td { text-align: right; padding: 5px 0 5px 16px; border-top: 1px solid var(--rule); white-space: nowrap; vertical-align: top; }
        th:first-child, td:first-child { text-align: left; padding-left: 0; } .l { text-align: left; } td.wrap { white-space: normal; min-width: 15em; text-align: left; }
        td.bar, th.bar { width: 38%; min-width: 90px; } td.thin, th.thin { width: 17%; } tr.sum td { font-weight: 600; } tr.child td:first-child { padding-left: 18px; }
        td small { color: var(--soft); font-size: 12.5px; } td code { font: 12.5px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
        .swatch { display: inline-block; width: 10px; height: 10px; border-radius: 2px; background: var(--k); margin-right: 8px; }
        .stack { position: relative; display: flex; height: 22px; border-radius: 4px; background: var(--paper); }
        .stack i { background: var(--k); border-right: 1px solid var(--card); } .stack i:first-child { border-radius: 4px 0 0 4px; }
        .stack b { position: absolute; top: -4px; bottom: -4px; border-left: 2px dashed var(--warn); }
        td .stack { height: 13px; margin-top: 4px; } .big > .stack { height: 34px; margin-bottom: 12px; }
        .key { width: 10px; height: 10px; vertical-align: -1px; background: var(--k); } .key.stroke { height: 3px; width: 16px; vertical-align: 4px; }
        .column { fill: var(--k); } .stroke { stroke: var(--k); } .shade { fill: var(--k); opacity: 0.22; }
        .mesh { position: relative; margin-bottom: 14px; padding-top: 4px; } .mesh u { position: absolute; top: 0; bottom: 0; border-left: 1px dashed var(--soft); opacity: 0.6; }
        .axes { position: relative; height: 46px; margin-bottom: 10px; } .axes.low { height: 30px; }
        .axes div { position: absolute; top: 0; bottom: 0; background: var(--k); border-radius: 5px; border-right: 2px solid var(--card); display: flex; align-items: center; justify-content: center;
          color: #fff; font-size: 14px; line-height: 1.2; text-align: center; overflow: hidden; } .axes .c-sky, .axes .c-amber { color: #1d1f23; } .axes em { font-style: normal; } .axes .slim { font-size: 11px; line-height: 1.1; } .axes .slim b { display: block; }
        .tier { position: relative; height: 22px; margin-bottom: 4px; } .tier div { height: 22px; background: var(--soft); opacity: 0.16; border-radius: 4px; }
        .tier span { position: absolute; top: 2px; font-size: 12px; color: var(--soft); white-space: nowrap; } .tier span[style^="left"] { background: var(--card); padding: 0 4px; margin-left: -4px; }
        .columns { position: relative; display: flex; align-items: flex-end; height: 280px; margin: 4px 0 30px; padding-left: 34px; }
        .columns div { position: relative; flex: 1 1 0; height: 100%; display: flex; flex-direction: column; justify-content: flex-end; padding: 0 var(--gap); min-width: 0; }
        .columns i { display: block; background: var(--k); border-top: 0.5px solid var(--card); } .columns div span { position: absolute; top: 100%; left: 50%; margin: 4px 0 0 -20px; width: 40px; text-align: center; font-size: 11.5px; color: var(--soft); }
        .columns u { position: absolute; left: 34px; right: 0; border-top: 1px solid var(--rule); } .columns u span { position: absolute; right: 100%; top: -9px; margin-right: 7px; font-size: 11.5px; color: var(--soft); }
        .columns b { position: absolute; left: 34px; right: 0; border-top: 2px dashed var(--warn); z-index: 1; }
        .level { stroke: var(--k); stroke-width: 1.4; stroke-dasharray: 6 4; } .thick { stroke-width: 3; }
        .dot { fill: var(--k); stroke: var(--card); stroke-width: 2; }
        .torn { position: relative; height: 8px; margin-top: 1px; } .torn i { position: absolute; top: 0; bottom: 0; background: var(--k); border-radius: 2px; }
        .torn b { position: absolute; top: -2px; bottom: -2px; border-left: 1px solid var(--soft); }
        .grade { display: inline-block; padding: 0 8px; border: 1px solid var(--rule); border-radius: 9px; font-size: 12px; line-height: 18px; color: var(--soft); white-space: nowrap; }
        .grade::before { content: ""; display: inline-block; width: 7px; height: 7px; border-radius: 50%; margin-right: 6px; border: 1.5px solid var(--k); }
        .measured::before { background: var(--k); } .interpolated::before { background: linear-gradient(90deg, var(--k) 50%, transparent 50%); }
        .span { position: relative; height: 13px; margin-top: 4px; } .span i { position: absolute; top: 4px; height: 5px; background: var(--k); opacity: 0.45; border-radius: 3px; }
        .span b { position: absolute; top: 1px; width: 3px; height: 11px; background: var(--k); border-radius: 1px; }
        .legend { margin-left: 0; }
        ul.sources { margin: 0; padding-left: 18px; font-size: 13px; color: var(--soft); overflow-wrap: anywhere; } ul.sources li { margin: 3px 0; }
        @media (max-width: 720px) { .scroll { background: linear-gradient(90deg, var(--card), transparent) 0 0 / 26px 100% no-repeat local, linear-gradient(270deg, var(--card), transparent) 100% 0 / 26px 100% no-repeat local,
          linear-gradient(90deg, rgba(0,0,0,0.16), transparent) 0 0 / 9px 100% no-repeat scroll, linear-gradient(270deg, rgba(0,0,0,0.16), transparent) 100% 0 / 9px 100% no-repeat scroll; }
          td.bar, th.bar { display: none; } table { font-size: 12.5px; } th, td { padding-left: 9px; } .axes div { font-size: 11px; } .axes b { display: block; } .axes .slim em { display: none; } td.wrap { min-width: 13em; } h2 small { display: block; margin: 2px 0 0; } .card { padding: 12px; } }
        @media print { * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } main { zoom: 0.66; padding: 0; max-width: none; } .card, tr, figure { break-inside: avoid; }
          h2 { break-after: avoid; margin-top: 28px; } .scroll { overflow: visible; } .charts { break-inside: avoid; } }
        @page { margin: 12mm; }
        """;
}
