// Stand-ins for HubSpot's components, drawn the way its record pages look. HubSpot's own are not
// published as anything that a browser could show.
const gaps = { flush: 0, "extra-small": 4, small: 8, medium: 16, large: 24 };

export const hubspot = { extend: () => {} };
export const useExtensionContext = () => window.__CONTEXT__;
export const useCrmSearch = () => ({ isLoading: false, error: null, results: [], ...window.__SEARCH__ });
export const useAssociations = () => ({ isLoading: false, error: null, results: [], ...window.__ASSOCIATIONS__ });

export const Flex = ({ direction = "row", gap = "flush", wrap, children }) => (
  <div
    style={{
      display: "flex",
      flexDirection: direction,
      gap: gaps[gap],
      flexWrap: wrap ? "wrap" : "nowrap",
      alignItems: direction === "row" ? "baseline" : "stretch",
    }}
  >
    {children}
  </div>
);
export const Heading = ({ children }) => <h2>{children}</h2>;
export const Text = ({ variant, format, children }) => (
  <span className={variant} style={{ fontWeight: format?.fontWeight ? 600 : 400 }}>
    {children}
  </span>
);
export const Link = ({ href, children }) => <a href={href}>{children}</a>;
export const Divider = () => <hr />;
export const LoadingSpinner = ({ label }) => <p>{label}</p>;
export const Alert = ({ title, children }) => (
  <div role="alert" className="alert">
    <strong>{title}</strong>
    <p>{children}</p>
  </div>
);
export const EmptyState = ({ title, children }) => (
  <div className="empty">
    <strong>{title}</strong>
    <p>{children}</p>
  </div>
);
export const ProgressBar = ({ title, value, maxValue }) => (
  <div>
    <p className="bar-title">{title}</p>
    <div className="bar" role="progressbar" aria-valuenow={value} aria-valuemax={maxValue} aria-label={title}>
      <div style={{ width: `${(100 * value) / maxValue}%` }} />
    </div>
  </div>
);
