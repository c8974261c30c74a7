// The desk tells times by the browser's zone unless another is chosen: tell the service which one that is.
try {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  if (zone) document.cookie = `browser_zone=${zone}; Path=/admin/; Max-Age=31536000; SameSite=Lax${secure}`;
} catch {
  // A browser that does not know where it is: the service's zone holds.
}
