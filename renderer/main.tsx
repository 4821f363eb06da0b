import { startApp } from "./shell/start-app.tsx";

startApp();
