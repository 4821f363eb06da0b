import { app, Menu, type MenuItemConstructorOptions } from "electron";

/** The system's standard menus; what belongs to a migration is in the window itself. */
export function installMenu(): void {
  const developer: MenuItemConstructorOptions[] = app.isPackaged
    ? []
    : [{ type: "separator" }, { role: "reload" }, { role: "toggleDevTools" }];
  const template: MenuItemConstructorOptions[] = [
    { role: "fileMenu" },
    { role: "editMenu" },
    {
      label: "View",
      submenu: [
        { role: "resetZoom" },
        { role: "zoomIn" },
        { role: "zoomOut" },
        { type: "separator" },
        { role: "togglefullscreen" },
        ...developer,
      ],
    },
    { role: "windowMenu" },
    { role: "help", submenu: [{ role: "about" }] },
  ];
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(process.platform === "darwin" ? [{ role: "appMenu" }, ...template] : template),
  );
}
