// Within the frame on another site: tell the page around how high the content is, and nothing else. A height is no
// secret, so it may go to whoever frames us; that page's script looks at who sent it.

if (window.parent !== window) {
  const root = document.documentElement;
  const tell = () => window.parent.postMessage({ geoPolicingHeight: Math.ceil(root.getBoundingClientRect().height) }, "*");
  new ResizeObserver(tell).observe(root);
  tell();
}
