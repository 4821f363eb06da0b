import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

/** Petrol for what can be done, amber for what needs a look, moss for open and done, brick for failures. */
const petrol: MantineColorsTuple = [
  "#e9f4f5",
  "#d2e7ea",
  "#a7cfd5",
  "#78b5be",
  "#519eaa",
  "#358d9a",
  "#237f8c",
  "#176b78",
  "#0e5a66",
  "#064751",
];
const amber: MantineColorsTuple = [
  "#fdf5e4",
  "#faeac8",
  "#f3d392",
  "#ebbb59",
  "#e2a42d",
  "#c98812",
  "#a66c08",
  "#835404",
  "#674203",
  "#4b3002",
];
const moss: MantineColorsTuple = [
  "#ecf6ed",
  "#d8ecda",
  "#b1d8b6",
  "#88c290",
  "#66af70",
  "#4c9c58",
  "#3a8546",
  "#2c6c37",
  "#22562b",
  "#183f1f",
];
const brick: MantineColorsTuple = [
  "#fcefec",
  "#f8dcd7",
  "#f0b8ae",
  "#e79284",
  "#de7160",
  "#d0543f",
  "#b5412e",
  "#963425",
  "#77291d",
  "#571e15",
];
const stone: MantineColorsTuple = [
  "#f8f9f8",
  "#f1f3f2",
  "#e3e7e5",
  "#d0d6d3",
  "#b3bbb7",
  "#8f9995",
  "#6b7571",
  "#505955",
  "#38403d",
  "#212826",
];
const ink: MantineColorsTuple = [
  "#dfe4e2",
  "#bcc4c1",
  "#97a29e",
  "#707b77",
  "#47514e",
  "#38413f",
  "#2a3231",
  "#1d2423",
  "#161c1b",
  "#101514",
];

const systemFont =
  '"Segoe UI Variable Text", "Segoe UI", -apple-system, BlinkMacSystemFont, "Noto Sans", "Liberation Sans", system-ui, sans-serif';

export const theme = createTheme({
  colors: { petrol, amber, moss, brick, gray: stone, dark: ink },
  primaryColor: "petrol",
  primaryShade: { light: 8, dark: 6 },
  fontFamily: systemFont,
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "SF Mono", Menlo, "Liberation Mono", monospace',
  headings: {
    fontFamily: systemFont,
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "1.75rem", lineHeight: "1.2" },
      h2: { fontSize: "1.125rem", lineHeight: "1.35" },
      h3: { fontSize: "0.9375rem", lineHeight: "1.4" },
    },
  },
  defaultRadius: "sm",
  radius: { xs: "3px", sm: "6px", md: "10px", lg: "14px", xl: "20px" },
  fontSizes: { xs: "0.78125rem", sm: "0.875rem", md: "0.9375rem", lg: "1.0625rem", xl: "1.25rem" },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Modal: { defaultProps: { closeButtonProps: { "aria-label": "Close" }, centered: true } },
    // Their header elements would count as further banners of the page.
    ModalHeader: { defaultProps: { role: "presentation" } },
    DrawerHeader: { defaultProps: { role: "presentation" } },
    Drawer: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
  },
});

/** Mantine's dimmed and error texts are too faint for WCAG AA on these surfaces. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#fbfcfb",
    "--mantine-color-text": stone[9],
    "--mantine-color-dimmed": "#58625e",
    "--mantine-color-placeholder": "#66706c",
    "--mantine-color-error": brick[7],
    "--sg-surface": "#ffffff",
    "--sg-rail": "#eef2f0",
    "--sg-border": "#dbe1de",
    "--sg-strong-border": "#87918d",
    "--sg-accent": petrol[8],
    "--sg-accent-soft": "#ddecee",
    "--sg-good": moss[7],
    "--sg-good-soft": "#e6f2e7",
    "--sg-attention": amber[7],
    "--sg-attention-soft": "#fbf0d9",
    "--sg-problem": brick[7],
    "--sg-problem-soft": "#fbe9e5",
  },
  dark: {
    "--mantine-color-body": ink[8],
    "--mantine-color-text": "#e4e9e7",
    "--mantine-color-dimmed": "#a3aeaa",
    "--mantine-color-placeholder": "#929d99",
    "--mantine-color-error": brick[3],
    "--sg-surface": ink[7],
    "--sg-rail": ink[9],
    "--sg-border": "#323b39",
    "--sg-strong-border": "#707b77",
    "--sg-accent": petrol[3],
    "--sg-accent-soft": "#183a40",
    "--sg-good": moss[3],
    "--sg-good-soft": "#1b3320",
    "--sg-attention": amber[3],
    "--sg-attention-soft": "#3a2e14",
    "--sg-problem": brick[3],
    "--sg-problem-soft": "#402320",
  },
});
